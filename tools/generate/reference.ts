import {
  type Column,
  type ResourceDefinition,
  type ConditionTypeName,
  conditionMeanings,
  crdOf,
  type ReasonName,
  reasonMeanings,
  type StructuralSchema,
} from "@leat/api";
import { stringifyYaml } from "@leat/yaml";
import { code, table } from "./markdown.ts";
import { markersOf } from "./markers.ts";

/** The reference page of a kind, in Markdown. */
export function referenceOf(definition: ResourceDefinition): string {
  const schema = schemaOf(definition);
  return [
    `# ${definition.kind}`,
    definition.description,
    facts(definition),
    "## Example",
    example(definition),
    ...fieldSection("spec", schema),
    ...fieldSection("status", schema),
    "## Conditions",
    conditions(definition),
    ...markersOf(definition).flatMap(({ title, intro, rows }) => [
      `## ${title}`,
      intro,
      table(
        ["Key", "Effect"],
        rows.map(({ key, effect }) => [code(key), effect]),
      ),
    ]),
  ]
    .join("\n\n")
    .concat("\n");
}

function schemaOf(definition: ResourceDefinition): StructuralSchema {
  const { spec } = crdOf(definition) as { spec: { versions: { schema: { openAPIV3Schema: StructuralSchema } }[] } };
  const version = spec.versions[0];
  if (version === undefined) throw new Error(`${definition.kind} is served in no version`);
  return version.schema.openAPIV3Schema;
}

function facts(definition: ResourceDefinition): string {
  return table(
    ["", ""],
    [
      ["API version", code(definition.apiVersion)],
      ["Names", [definition.plural, ...definition.shortNames].map(code).join(", ")],
      ["Categories", definition.categories.map(code).join(", ")],
      ["Columns of `kubectl get`", columnsText(definition)],
      ...(definition.reconciledBy === undefined ? [] : [["Reconciled by", code(definition.reconciledBy)]]),
    ],
  );
}

function columnsText({ columns }: ResourceDefinition): string {
  const isWide = (column: string | Column) => typeof column !== "string" && column.isWide === true;
  const names = Object.entries(columns).map(([name, column]) => (isWide(column) ? `${name} (\`-o wide\`)` : name));
  return names.join(", ");
}

function example(definition: ResourceDefinition): string {
  const object = {
    apiVersion: definition.apiVersion,
    kind: definition.kind,
    metadata: { name: "podinfo", namespace: "apps" },
    spec: definition.example,
  };
  return `\`\`\`yaml\n${stringifyYaml(object)}\`\`\``;
}

function fieldSection(name: "spec" | "status", schema: StructuralSchema): string[] {
  const part = schema.properties?.[name];
  if (part === undefined) return [];
  const rules = [...rulesOf(name, part)];
  return [
    `## ${name}`,
    part.description ?? "",
    table(["Field", "Type", "Default", "Limits", "Meaning"], [...fieldRows(part)]),
    ...(rules.length > 0 ? [`Rules over several fields:\n\n${rules.map((rule) => `- ${rule}`).join("\n")}`] : []),
  ];
}

function* fieldRows(schema: StructuralSchema, prefix = ""): Generator<string[]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const path = prefix + name;
    const required = schema.required?.includes(name) ? "required" : "";
    const inner = field.items ?? field;
    const limits = [required, ...limitsOf(field), ...(field.items ? limitsOf(field.items) : [])].filter(
      (limit) => limit !== "",
    );
    const standard = field.default === undefined ? "" : code(JSON.stringify(field.default));
    yield [code(path), typeOf(field), standard, limits.join("; "), field.description ?? ""];
    yield* fieldRows(inner, field.items ? `${path}[].` : `${path}.`);
  }
}

function typeOf(field: StructuralSchema): string {
  if (field.items) return `list of ${typeOf(field.items)}`;
  if (field.additionalProperties) return `map to ${typeOf(field.additionalProperties)}`;
  if (field.pattern !== undefined && durations.has(field.pattern)) return "duration";
  return field.format === "date-time" ? "time" : (field.type ?? "any");
}

/** How durations are written, by their patterns. */
const durations = new Map([
  ["^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$", "such as `30s` or `1h30m`"],
  ["^([0-9]+(\\.[0-9]+)?(ms|s|m))+$", "such as `30s` or `90m`; no hours"],
]);

function limitsOf(field: StructuralSchema): string[] {
  const { pattern, minLength = 0, maxLength, minimum, maximum } = field;
  return [
    field.enum ? `one of ${field.enum.map((value) => code(String(value))).join(", ")}` : "",
    pattern === undefined ? "" : (durations.get(pattern) ?? code(pattern)),
    maxLength === undefined ? "" : `${minLength} to ${maxLength} characters`,
    minimum === undefined ? "" : `at least ${minimum}`,
    maximum === undefined ? "" : `at most ${maximum}`,
  ];
}

function* rulesOf(path: string, schema: StructuralSchema): Generator<string> {
  for (const { rule, message } of schema["x-kubernetes-validations"] ?? [])
    yield `${code(path)}: ${message} (${code(rule)})`;
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* rulesOf(`${path}.${name}`, field);
}

function conditions({ conditions: used }: ResourceDefinition): string {
  const types = Object.entries(used) as [ConditionTypeName, readonly ReasonName[]][];
  const reasons = [...new Set(types.flatMap(([, names]) => names))].toSorted();
  return [
    table(
      ["Type", "Meaning", "Reasons"],
      types.map(([type, names]) => [
        code(type),
        meaningOf(type, conditionMeanings, "condition"),
        names.map(code).join(", "),
      ]),
    ),
    table(
      ["Reason", "Meaning"],
      reasons.map((reason) => [code(reason), meaningOf(reason, reasonMeanings, "reason")]),
    ),
  ].join("\n\n");
}

/** Types are stripped, not checked, before this runs. */
function meaningOf(name: string, meanings: Readonly<Record<string, string>>, file: "condition" | "reason"): string {
  const meaning = meanings[name];
  if (meaning === undefined) throw new Error(`${name} has no meaning: write one in libs/api/src/${file}.ts`);
  return meaning;
}
