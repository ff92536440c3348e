import { type ASTNode, EvaluationError, type ParseResult } from "@marcbachmann/cel-js";
import type { Budget } from "./budget.ts";
import { members } from "./members.ts";

/**
 * A node of the library's syntax tree as it is once its types are checked. What is used of it here is not part of the
 * library's published types: the tests of this package notice where another version differs.
 */
interface Node {
  op: string;
  args: unknown;
  meta: { evaluate?: Evaluate; alternate?: Node; macro?: object };
  setMeta: (key: "evaluate", evaluate: Evaluate) => void;
  /** What an operator or a method does with the values of its operands. */
  handle?: (...given: unknown[]) => unknown;
}

type Evaluate = (evaluator: unknown, node: Node, context: unknown) => unknown;

const comparing = new Set(["==", "!=", "in"]);
const comparingMembers = new Set(["contains", "equivalent", "intersects"]);
const making = new Set(["+", "call", "rcall"]);

/**
 * Makes each step of an expression count, so that no nesting of loops and no growth of texts and lists gets out of hand,
 * and puts our own members in the place of those that the library has otherwise.
 *
 * @param program with its types checked
 */
export function guard(program: ParseResult, budget: Budget): void {
  const root = program.ast as unknown as Node;
  const seen = new Set<unknown>();
  const isNode = (value: unknown): value is Node => value instanceof root.constructor;
  const visit = (value: unknown): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if (isNode(value)) {
      const { alternate, macro } = value.meta;
      if (alternate === undefined && macro === undefined) guardNode(value, budget);
      visit(alternate ?? macro ?? value.args);
    } else if (Array.isArray(value)) {
      for (const member of value) visit(member);
    } else if (isPlain(value)) {
      for (const member of Object.values(value)) visit(member);
    }
  };
  visit(root);
}

/** The arguments of a loop or a macro; what else is found there does not lead to nodes. */
function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function guardNode(node: Node, budget: Budget): void {
  const { evaluate } = node.meta;
  if (evaluate === undefined) return;
  const makes = making.has(node.op);
  node.setMeta("evaluate", (evaluator, self, context) => {
    budget.spend(1);
    const result = evaluate(evaluator, self, context);
    if (makes) budget.spendForSize(result);
    return result;
  });
  if (node.op === "rcall" || node.op === "call") guardMember(node, budget);
  else if (comparing.has(node.op)) guardComparison(node, budget);
}

function guardComparison(node: Node, budget: Budget): void {
  const { handle } = node;
  if (handle === undefined) return;
  node.handle = (left, right, ...rest) => {
    budget.spendForWhole(left);
    budget.spendForWhole(right);
    return handle(left, right, ...rest);
  };
}

function guardMember(node: Node, budget: Budget): void {
  const { handle } = node;
  if (handle === undefined) return;
  const [name, args] = callOf(node);
  const own = placed(node, () => members.get(name)?.(args.map(literalOf), budget));
  const compares = comparingMembers.has(name);
  node.handle = (values, ...rest) => {
    if (compares) budget.spendForWhole(values);
    const result = placed(node, () => own?.(values as unknown[]));
    return result === undefined ? handle(values, ...rest) : result;
  };
}

/** What is called, and with which arguments; the first of those of a function is what a method is called on. */
function callOf({ op, args }: Node): [name: string, args: Node[]] {
  if (op === "rcall") {
    const [name, , given] = args as [string, Node, Node[]];
    return [name, given];
  }
  const [name, given] = args as [string, Node[]];
  return [name, given.slice(1)];
}

/** Adds the place to an error of our own. */
function placed<Result>(node: Node, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof EvaluationError ? error.withAst(node as unknown as ASTNode) : error;
  }
}

/** What the expression itself says an argument is, where it says so. */
function literalOf({ op, args }: Node): unknown {
  return op === "value" ? args : undefined;
}
