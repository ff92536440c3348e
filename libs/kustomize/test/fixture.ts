import { hash } from "node:crypto";
import { mkdir, mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { parseYamlDocuments } from "@leat/yaml";
import {
  type Build,
  type Builder,
  type BuilderOptions,
  createBuilder,
  type Overlay,
  type SourceFiles,
} from "../src/index.ts";

/** Paths in a repository and what the files hold. */
export type Files = Readonly<Record<string, string>>;

/** A place for repositories and one builder that builds them with the real kustomize. */
export interface Workbench extends AsyncDisposable {
  readonly builder: Builder;
  readonly directory: string;
  /** The files as an artifact has them. */
  repository: (files: Files) => SourceFiles;
  build: (files: Files, path?: string, overlay?: Overlay) => Promise<Build>;
  /** What kustomize itself makes of the repository, without anything of ours. */
  kustomize: (files: Files, path: string) => Promise<unknown[]>;
  /** Private directories that builds have left behind. */
  leftovers: () => Promise<string[]>;
}

export async function openWorkbench(options: Partial<BuilderOptions> = {}): Promise<Workbench> {
  const place = await mkdtempDisposable(join(tmpdir(), "leat-kustomize-"));
  const stages = join(place.path, "stages");
  const builder = createBuilder({
    kustomize: () => binary("kustomize"),
    renderer: () => binary("kustomize-renderer"),
    directory: stages,
    ...options,
  });
  return {
    builder,
    directory: place.path,
    repository,
    build: (files, path = "", overlay = {}) =>
      builder.build({ files: repository(files), path, overlay }, AbortSignal.timeout(60_000)),
    kustomize: async (files, path) => {
      await using root = await mkdtempDisposable(join(place.path, "repository-"));
      await writeFiles(root.path, files);
      const directory = join(root.path, path);
      const args = ["build", "--load-restrictor", "LoadRestrictionsNone", directory];
      const { exitCode, stdout, stderr } = await run(await binary("kustomize"), args, { timeoutMs: 60_000 });
      if (exitCode !== 0) throw new Error(stderr);
      return parseYamlDocuments(stdout.toString(), "kustomize");
    },
    leftovers: () => readdir(stages).catch(() => []),
    [Symbol.asyncDispose]: async () => {
      await builder[Symbol.asyncDispose]();
      await place.remove();
    },
  };
}

function repository(files: Files): SourceFiles {
  const contents = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
  const described = [...contents].map(
    ([path, content]) => [path, { size: content.length, digest: hash("sha256", content) }] as const,
  );
  return {
    files: new Map(described),
    directories: new Set([...contents.keys()].flatMap(directoriesAbove)),
    read: async (path) => contents.get(path) ?? Buffer.alloc(0),
  };
}

function directoriesAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** The text of a ConfigMap. */
export function configMap(name: string, data: Record<string, string> = {}): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: ${JSON.stringify(data)}\n`;
}

/** A patch whose result is larger than any memory. */
export const endlessPatch = JSON.stringify(
  Array.from({ length: 40 }, (_, index) => ({ op: "copy", from: "/data", path: `/data/k${index}` })),
);

/** The text of a Deployment with one container. */
export function deployment(name: string, image: string): string {
  const spec = { template: { spec: { containers: [{ name: "app", image }] } } };
  return JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec });
}
