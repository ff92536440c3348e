import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Controller, controllers } from "@leat/controllers";
import { parseYaml, stringifyYaml } from "@leat/yaml";
import { type Values, type ValuesSchema, valuesTable } from "./chart-values.ts";
import { mark } from "./mark.ts";
import { rolesOf } from "./rbac.ts";
import { type Section, withSection } from "./section.ts";

const chart = "charts/leat";

const table: Section = {
  path: `${chart}/README.md`,
  begins: `<!-- ${mark} values.yaml and values.schema.json; do not edit. -->\n\n`,
  ends: "\n\n<!-- The end of what is generated. -->",
};
const alerts: Section = {
  path: `${chart}/files/rules.yaml`,
  begins: `  # ${mark} controllers; do not edit. Leave out the groups of controllers that are not installed.\n`,
  ends: "  # The end of what is generated.\n",
};
const defaults: Section = {
  path: `${chart}/values.yaml`,
  begins: `  # ${mark} controllers; do not edit.\n`,
  ends: "  # The end of what is generated.\n",
};

/** What the chart has for each controller: the content of files by their paths from the root. */
export function chartFiles(root: string): Map<string, string> {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const values = withSection(read(defaults.path), defaults, indented(2, valuesOfControllers()));
  const schema = schemaWith(JSON.parse(read(`${chart}/values.schema.json`)) as ValuesSchema);
  const meanings = valuesTable(schema, parseYaml(values, defaults.path) as Values);
  return new Map([
    [defaults.path, values],
    [`${chart}/values.schema.json`, `${JSON.stringify(schema, undefined, 2)}\n`],
    [table.path, withSection(read(table.path), table, meanings)],
    [alerts.path, withSection(read(alerts.path), alerts, controllers.map(absenceOf).join(""))],
    [`${chart}/files/controllers.yaml`, yaml([Object.fromEntries(controllers.map(factsOf))])],
    ...controllers.map((one): [string, string] => [`${chart}/files/rbac/${one.name}.yaml`, yaml(rolesOf(one))]),
  ]);
}

/** What the templates know of a controller. */
function factsOf({ key, name, servesArtifacts, chart: { flags, lockdownFlags } }: Controller): [string, object] {
  return [key, { name, servesArtifacts, flags, lockdownFlags }];
}

function valuesOfControllers(): string {
  return stringifyYaml(Object.fromEntries(controllers.map(({ key, chart: { values } }) => [key, values])));
}

function schemaWith(schema: ValuesSchema): ValuesSchema {
  const refs = controllers.map(({ key, servesArtifacts }) => {
    return [key, { $ref: `#/$defs/${servesArtifacts ? "artifactServer" : "controller"}` }];
  });
  const entry = { ...schema.properties?.["controllers"], properties: Object.fromEntries(refs) };
  return { ...schema, properties: { ...schema.properties, controllers: entry } };
}

function absenceOf({ name }: Controller): string {
  return `\
  - name: leat-${name}
    rules:
      - alert: LeatControllerAbsent
        expr: absent(leat_program_ready{program="${name}"})
        for: 5m
        labels:
          severity: critical
          program: ${name}
        annotations:
          summary: "{{ $labels.program }} is missing"
          description: "Prometheus has had no metrics of it for 5 minutes. It is not running, or not scraped."
          runbook_url: https://leat.dev/docs/guides/monitoring#leatcontrollerabsent
`;
}

function indented(spaces: number, text: string): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));
}

function yaml(documents: readonly object[]): string {
  return `# ${mark} controllers; do not edit.\n${documents.map((document) => stringifyYaml(document)).join("---\n")}`;
}
