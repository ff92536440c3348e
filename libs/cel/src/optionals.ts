import { type Environment, Optional } from "@marcbachmann/cel-js";
import { wrong } from "./wrong.ts";

/** What the optional types of CEL have and the library lacks. */
export function addOptionals(environment: Environment): void {
  const sync = { async: false };
  environment
    .registerFunction("list<T>.first(): optional<T>", (list: unknown[]) => optionalOf(list[0]), sync)
    .registerFunction("list<T>.last(): optional<T>", (list: unknown[]) => optionalOf(list.at(-1)), sync)
    .registerFunction(
      "OptionalNamespace.ofNonZeroValue(A): optional<A>",
      (_: unknown, value: unknown) => (isZero(value) ? Optional.none() : Optional.of(value)),
      sync,
    )
    .registerFunction("optional.optMap(ast, ast): optional<dyn>", mapping(optionalOf), sync)
    .registerFunction("optional.optFlatMap(ast, ast): optional<dyn>", mapping(asOptional), sync);
}

function optionalOf(value: unknown): Optional {
  return value === undefined ? Optional.none() : Optional.of(value);
}

function asOptional(value: unknown): Optional {
  if (value instanceof Optional) return value;
  throw wrong("optional_expected");
}

function isZero(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === "" || value === false || Number(value) === 0;
}

/** The library's, as far as a macro meets them. */
interface Node {
  op: string;
  args: unknown;
}
interface Type {
  kind: string;
  valueType?: Type;
}
interface Context {
  forkWithVariable: (name: string, type: Type | undefined) => Bound;
}
interface Bound extends Context {
  reuse: (context: Context) => Bound;
  setIterValue: (value: unknown, evaluator: Evaluator) => Bound;
}
interface Checker {
  check: (node: Node, context: Context) => Type;
  getType: (name: string) => Type;
}
interface Evaluator {
  run: (node: Node, context: Context) => unknown;
}
interface Mapping {
  of: Node;
  name: string;
  to: Node;
  /** The scope that has the variable; known once the types are checked. */
  bound?: Bound;
}

/** A macro `optional.map(name, expression)`: the expression is only evaluated where there is a value. */
function mapping(wrap: (value: unknown) => Optional) {
  return ({ receiver, args }: { receiver: Node; args: [Node, Node] }) => ({
    of: receiver,
    name: args[0].op === "id" ? String(args[0].args) : "",
    to: args[1],
    typeCheck: (checker: Checker, macro: Mapping, context: Context) => {
      const { kind, valueType } = checker.check(macro.of, context);
      macro.bound = context.forkWithVariable(
        macro.name,
        kind === "optional" && valueType ? valueType : checker.getType("dyn"),
      );
      checker.check(macro.to, macro.bound);
      return checker.getType("optional");
    },
    evaluate: (evaluator: Evaluator, macro: Mapping, context: Context) => {
      const given = asOptional(evaluator.run(macro.of, context));
      if (!given.hasValue() || macro.bound === undefined) return Optional.none();
      const scope = macro.bound.reuse(context).setIterValue(given.value(), evaluator);
      return wrap(evaluator.run(macro.to, scope));
    },
  });
}
