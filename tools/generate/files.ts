import { crdOf, GitRepository, Kustomization, type ResourceDefinition } from "@leat/api";
import { stringifyYaml } from "@leat/yaml";
import { cliReference } from "./cli-reference.ts";
import { controllers, rolesOf } from "./rbac.ts";
import { referenceOf } from "./reference.ts";

const definitions: readonly ResourceDefinition[] = [GitRepository, Kustomization];

/** Stands in every generated file, before what it is made from. */
export const mark = "Made by `npm run generate` from";

/** Where generated files lie. */
export const generatedFolders = ["charts/leat/crds", "charts/leat/files/rbac", "docs/reference", "docs/reference/cli"];

/** Every generated file: its content by its path from the root. */
export function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const definition of definitions) {
    files.set(`charts/leat/crds/${definition.group}_${definition.plural}.yaml`, yaml([crdOf(definition)]));
    files.set(`docs/reference/${fileNameOf(definition.kind)}.md`, page("libs/api", referenceOf(definition)));
  }
  for (const controller of controllers) {
    files.set(`charts/leat/files/rbac/${controller.name}.yaml`, yaml(rolesOf(controller)));
  }
  for (const [name, text] of cliReference()) files.set(`docs/reference/cli/${name}`, page("apps/cli", text));
  return files;
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
