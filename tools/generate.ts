/**
 * Writes what is printed from libs/api: the CRDs and roles of the chart, and the reference.
 * With --check, writes nothing and ends with 1 where a file is stale, naming each.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ResourceDefinition, crdOf, GitRepository, Kustomization } from "@leat/api";
import { stringifyYaml } from "@leat/yaml";
import { controllers, rolesOf } from "./generate/rbac.ts";
import { referenceOf } from "./generate/reference.ts";

const definitions: readonly ResourceDefinition[] = [GitRepository, Kustomization];
const root = join(import.meta.dirname, "..");
const generatedFolders = ["charts/leat/crds", "charts/leat/files/rbac", "docs/reference"];
const mark = "Made by `npm run generate` from libs/api; do not edit.";

const check = process.argv.includes("--check");
const wanted = generate();
const stale = [...(await outdated(wanted)), ...(await leftOver(wanted))];
if (check) {
  for (const path of stale) console.error(`${path} is stale; run npm run generate`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const path of stale) await put(path, wanted.get(path));
  console.log(stale.length > 0 ? `wrote ${stale.join(", ")}` : "everything generated is up to date");
}

/** Content by path from the root. */
function generate(): Map<string, string> {
  const files = new Map<string, string>();
  for (const definition of definitions) {
    files.set(`charts/leat/crds/${definition.group}_${definition.plural}.yaml`, yaml([crdOf(definition)]));
    files.set(`docs/reference/${fileNameOf(definition.kind)}.md`, `<!-- ${mark} -->\n\n${referenceOf(definition)}`);
  }
  for (const controller of controllers)
    files.set(`charts/leat/files/rbac/${controller.name}.yaml`, yaml(rolesOf(controller)));
  return files;
}

function yaml(documents: readonly Record<string, unknown>[]): string {
  return `# ${mark}\n${documents.map((document) => stringifyYaml(document)).join("---\n")}`;
}

/** `GitRepository` → `git-repository` */
function fileNameOf(kind: string): string {
  return kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}

async function outdated(files: ReadonlyMap<string, string>): Promise<string[]> {
  const paths: string[] = [];
  for (const [path, content] of files) {
    if ((await contentOf(path)) !== content) paths.push(path);
  }
  return paths;
}

/** Files that were generated once and that nothing makes any more. */
async function leftOver(files: ReadonlyMap<string, string>): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of generatedFolders) {
    for (const name of await namesIn(folder)) {
      const path = `${folder}/${name}`;
      if (!files.has(path) && (await contentOf(path))?.includes(mark)) paths.push(path);
    }
  }
  return paths;
}

async function put(path: string, content: string | undefined): Promise<void> {
  const file = join(root, path);
  if (content === undefined) return rm(file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(join(root, path), "utf8").catch(absent);
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(absent);
  return (entries ?? []).filter((entry) => entry.isFile()).map((entry) => entry.name);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
