import { crdOf, kinds } from "@leat/api";
import { stringifyYaml } from "@leat/yaml";
import { chartFiles } from "./chart.ts";
import { cliReference } from "./cli-reference.ts";
import { mark } from "./mark.ts";
import { referenceOf } from "./reference.ts";

/** Where generated files are. */
export const generatedFolders = [
  "charts/leat/files/crds",
  "charts/leat/files/rbac",
  "docs/reference",
  "docs/reference/cli",
];

/**
 * Every generated file: its content by its path from the root.
 *
 * @param root holds the files of which only a part is generated
 */
export function generatedFiles(root: string): Map<string, string> {
  const files = chartFiles(root);
  for (const definition of kinds) {
    const crd = `# ${mark} libs/api; do not edit.\n${stringifyYaml(crdOf(definition))}`;
    files.set(`charts/leat/files/crds/${definition.group}_${definition.plural}.yaml`, crd);
    files.set(`docs/reference/${fileNameOf(definition.kind)}.md`, page("libs/api", referenceOf(definition)));
  }
  for (const [name, text] of cliReference()) files.set(`docs/reference/cli/${name}`, page("apps/cli", text));
  return files;
}

function page(origin: string, text: string): string {
  return `<!-- ${mark} ${origin}; do not edit. -->\n\n${text}`;
}

/** `GitRepository` → `git-repository` */
function fileNameOf(kind: string): string {
  return kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
