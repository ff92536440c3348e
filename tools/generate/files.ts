import { crdOf, GitRepository, Kustomization, type ResourceDefinition } from "@leat/api";
import { parseYaml, stringifyYaml } from "@leat/yaml";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ValuesSchema, valuesTable } from "./chart-values.ts";
import { cliReference } from "./cli-reference.ts";
import { controllers, rolesOf } from "./rbac.ts";
import { referenceOf } from "./reference.ts";

const definitions: readonly ResourceDefinition[] = [GitRepository, Kustomization];

/** Stands in every generated file, before what it is made from. */
export const mark = "Made by `npm run generate` from";

/** Where generated files lie. */
export const generatedFolders = [
  "charts/leat/files/crds",
  "charts/leat/files/rbac",
  "docs/reference",
  "docs/reference/cli",
];

/** Every generated file: its content by its path from the root. */
export function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const definition of definitions) {
    files.set(`charts/leat/files/crds/${definition.group}_${definition.plural}.yaml`, yaml([crdOf(definition)]));
    files.set(`docs/reference/${fileNameOf(definition.kind)}.md`, page("libs/api", referenceOf(definition)));
  }
  for (const controller of controllers) {
    files.set(`charts/leat/files/rbac/${controller.name}.yaml`, yaml(rolesOf(controller)));
  }
  for (const [name, text] of cliReference()) files.set(`docs/reference/cli/${name}`, page("apps/cli", text));
  files.set("charts/leat/README.md", chartReadme());
  return files;
}

const chart = join(import.meta.dirname, "../../charts/leat");
const [tableBegins, tableEnds] = [
  "<!-- Made by `npm run generate` from values.yaml and values.schema.json; do not edit. -->",
  "<!-- The end of what is made. -->",
];

/** The chart's page as people wrote it, with the table of values as it has to be. */
function chartReadme(): string {
  const read = (name: string) => readFileSync(join(chart, name), "utf8");
  const schema = JSON.parse(read("values.schema.json")) as ValuesSchema;
  const values = parseYaml(read("values.yaml"), "values.yaml") as Record<string, unknown>;
  const [before, rest] = read("README.md").split(tableBegins);
  const after = rest?.split(tableEnds)[1];
  if (after === undefined) throw new Error(`charts/leat/README.md has no place for its table: ${tableBegins}`);
  return `${before}${tableBegins}\n\n${valuesTable(schema, values)}\n\n${tableEnds}${after}`;
}

function page(origin: string, text: string): string {
  return `<!-- ${mark} ${origin}; do not edit. -->\n\n${text}`;
}

function yaml(documents: readonly Record<string, unknown>[]): string {
  return `# ${mark} libs/api; do not edit.\n${documents.map((document) => stringifyYaml(document)).join("---\n")}`;
}

/** `GitRepository` → `git-repository` */
function fileNameOf(kind: string): string {
  return kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
