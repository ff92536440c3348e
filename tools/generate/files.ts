import { crdOf, GitRepository, Kustomization, type ResourceDefinition } from "@leat/api";
import { stringifyYaml } from "@leat/yaml";
import { controllers, rolesOf } from "./rbac.ts";
import { referenceOf } from "./reference.ts";

const definitions: readonly ResourceDefinition[] = [GitRepository, Kustomization];

/** Stands in every generated file. */
export const mark = "Made by `npm run generate` from libs/api; do not edit.";

/** Where generated files lie. */
export const generatedFolders = ["charts/leat/crds", "charts/leat/files/rbac", "docs/reference"];

/** Every generated file: its content by its path from the root. */
export function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const definition of definitions) {
    files.set(`charts/leat/crds/${definition.group}_${definition.plural}.yaml`, yaml([crdOf(definition)]));
    files.set(`docs/reference/${fileNameOf(definition.kind)}.md`, `<!-- ${mark} -->\n\n${referenceOf(definition)}`);
  }
  for (const controller of controllers) {
    files.set(`charts/leat/files/rbac/${controller.name}.yaml`, yaml(rolesOf(controller)));
  }
  return files;
}

function yaml(documents: readonly Record<string, unknown>[]): string {
  return `# ${mark}\n${documents.map((document) => stringifyYaml(document)).join("---\n")}`;
}

/** `GitRepository` → `git-repository` */
function fileNameOf(kind: string): string {
  return kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
