import { code, table } from "./markdown.ts";

/** A JSON schema, as far as the chart's uses it. */
export interface ValuesSchema {
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, ValuesSchema>>;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, ValuesSchema>>;
}

export type Values = Readonly<Record<string, unknown>>;

/**
 * The values of the chart, in Markdown: name, default and meaning. What all controllers have in common comes once, as
 * `controllers.<name>.…`; where their defaults differ, each is named.
 *
 * @throws Error where a value has no default, or one has no meaning
 */
export function valuesTable({ properties = {}, $defs = {} }: ValuesSchema, values: Values): string {
  const { controllers = {}, defaults: _shared, global: _global, ...others } = properties;
  const each = Object.entries(controllers.properties ?? {});
  const defaultsOf = (names: readonly string[], path: readonly string[]) =>
    names.map((name): [string, unknown] => [name, valueOfController(values, name, path)]);
  const rows = [
    ...rowsOf($defs["controllerFields"] ?? {}, "controllers.<name>.", (path) =>
      defaultsOf(
        each.map(([name]) => name),
        path,
      ),
    ),
    ...each.flatMap(([name, { $ref = "" }]) => [
      ...rowsOf($defs[$ref.replace("#/$defs/", "")] ?? {}, `controllers.${name}.`, (path) => defaultsOf([name], path)),
    ]),
    ...rowsOf({ properties: others }, "", (path) => [["", valueAt(values, path)]]),
  ];
  return table(["Value", "Default", "Meaning"], rows);
}

/** As the templates read it: its own, else what all controllers have. */
function valueOfController(values: Values, name: string, path: readonly string[]): unknown {
  return valueAt(values, ["controllers", name, ...path]) ?? valueAt(values, ["defaults", ...path]);
}

/** The defaults of a value, by the controller that has it. */
type DefaultsAt = (path: readonly string[]) => [controller: string, value: unknown][];

function* rowsOf(
  schema: ValuesSchema,
  prefix: string,
  defaultsAt: DefaultsAt,
  path: readonly string[] = [],
): Generator<string[]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = [...path, name];
    if (field.properties !== undefined) {
      yield* rowsOf(field, prefix, defaultsAt, here);
      continue;
    }
    const title = prefix + here.join(".");
    if (field.description === undefined) throw new Error(`the value ${title} has no description`);
    yield [code(title), defaultsText(title, defaultsAt(here)), meaningOf(field)];
  }
}

function meaningOf({ description = "", enum: allowed = [] }: ValuesSchema): string {
  const named = allowed.filter((value) => value !== "").map((value) => code(String(value)));
  return named.length === 0 ? description : `${description} One of ${named.join(", ")}.`;
}

function defaultsText(title: string, defaults: [controller: string, value: unknown][]): string {
  const texts = defaults.map(([, value]) => JSON.stringify(value) as string | undefined);
  if (texts.includes(undefined)) throw new Error(`the value ${title} has no default in values.yaml`);
  const [first = ""] = texts;
  if (texts.every((text) => text === first)) return code(first);
  return defaults.map(([controller, value]) => `${controller}: ${code(JSON.stringify(value))}`).join(", ");
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => (inner as Values | undefined)?.[name], values);
}
