import { mkdir, mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { parseYamlDocuments } from "@leat/yaml";
import { type Build, type Builder, type BuilderOptions, createBuilder, type Overlay } from "../src/index.ts";

/** Paths in a repository and what the files hold. */
export type Files = Readonly<Record<string, string>>;

/** A place for repositories and one builder that builds them with the real kustomize. */
export interface Workbench extends AsyncDisposable {
  readonly builder: Builder;
  readonly directory: string;
  /** Writes a repository of its own and gives its root. */
  repository: (files: Files) => Promise<string>;
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
  let count = 0;

  const repository = async (files: Files): Promise<string> => {
    count += 1;
    const root = join(place.path, `repository-${count}`);
    await mkdir(root);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return root;
  };

  return {
    builder,
    directory: place.path,
    repository,
    build: async (files, path = "", overlay = {}) =>
      builder.build({ root: await repository(files), path, overlay }, AbortSignal.timeout(60_000)),
    kustomize: async (files, path) => {
      const directory = join(await repository(files), path);
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

/** The text of a ConfigMap. */
export function configMap(name: string, data: Record<string, string> = {}): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: ${JSON.stringify(data)}\n`;
}

/** The text of a Deployment with one container. */
export function deployment(name: string, image: string): string {
  const spec = { template: { spec: { containers: [{ name: "app", image }] } } };
  return JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec });
}
