import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";
import { leanPackages } from "./lean-packages.ts";
import { copyFiles, ownFiles } from "./own-files.ts";
import type { BundledProgram } from "./programs.ts";
import { writeWhole } from "./write-whole.ts";

/** What was made. */
export interface Bundle {
  /** Name of the file that is started. */
  file: string;
  /** Of all modules that are loaded when it starts. */
  bytes: number;
  /** Bytes by package before the text is written out, the largest first. */
  contents: [name: string, bytes: number][];
  /** Directories of the packages of others that it holds. */
  installed: string[];
}

/**
 * Makes one file of a program and everything it needs; of one that is split, a file that loads others from `<name>-files`. It
 * is not minified: that saves a megabyte of memory, and takes the names and lines from every stack trace.
 *
 * @param directory where `<name>.mjs` goes, and `<name>-files` for a program that reads files; a file is replaced whole
 * @throws Error where a module is missing, or anything is doubtful
 */
export async function bundleProgram(root: string, program: BundledProgram, directory: string): Promise<Bundle> {
  const { name, reads, isSplit } = program;
  const [file, files] = [`${name}.mjs`, `${name}-files`];
  const chunks = await chunksOf(root, program, files);
  await rm(join(directory, files), { recursive: true, force: true });
  await copyFiles(root, reads, join(directory, files));
  for (const { fileName, code } of chunks) {
    await mkdir(dirname(join(directory, fileName)), { recursive: true });
    await writeWhole(join(directory, fileName), inAscii(code));
  }
  if (isSplit) await writeWhole(join(directory, file), `import "./${files}/main.mjs";\n`);
  const modules = Object.fromEntries(chunks.flatMap((chunk) => Object.entries(chunk.modules)));
  return { file, bytes: loadedAtStart(chunks), contents: contentsOf(modules), installed: installedIn(modules) };
}

async function chunksOf(root: string, program: BundledProgram, files: string): Promise<OutputChunk[]> {
  const { name, entry, reads, isSplit } = program;
  await using build = await rolldown({
    cwd: root,
    input: { [isSplit ? `${files}/main` : name]: entry },
    platform: "node",
    plugins: [leanPackages(root), ownFiles(root, reads.length === 0 ? undefined : isSplit ? "." : files)],
    // No module here is loaded for what loading it does alone, though few manifests say so.
    treeshake: { moduleSideEffects: false },
    // undici's own switch: leaves out a second HTTP parser, which is an experiment.
    transform: { define: { "typeof esbuildDetection": '"object"' } },
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  const splitting = isSplit ? { chunkFileNames: `${files}/[name]-[hash].mjs` } : { codeSplitting: false };
  const { output } = await build.generate({
    format: "esm",
    comments: false,
    entryFileNames: "[name].mjs",
    ...splitting,
  });
  return output.filter((each) => each.type === "chunk");
}

type Modules = OutputChunk["modules"];

function loadedAtStart(chunks: readonly OutputChunk[]): number {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const loaded = new Set<OutputChunk>();
  const load = (chunk: OutputChunk | undefined) => {
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const name of chunk.imports) load(byName.get(name));
  };
  load(chunks.find(({ isEntry }) => isEntry));
  return [...loaded].reduce((bytes, { code }) => bytes + inAscii(code).length, 0);
}

/** V8 keeps the text of a program in memory, with two bytes for each character where a single one is beyond Latin-1. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function contentsOf(modules: Modules): Bundle["contents"] {
  const bytes = new Map<string, number>();
  for (const [id, { renderedLength }] of Object.entries(modules)) {
    const owner = packageOf(id);
    bytes.set(owner, (bytes.get(owner) ?? 0) + renderedLength);
  }
  return [...bytes].toSorted(([, one], [, other]) => other - one);
}

function installedIn(modules: Modules): string[] {
  const directories = Object.keys(modules).map((id) => /.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  return [...new Set(directories.filter((directory) => directory !== undefined))];
}

/** As in `libs/kube` or `undici`. */
function packageOf(id: string): string {
  const installed = /.*\/node_modules\/((@[^/]+\/)?[^/]+)/.exec(id)?.[1];
  return installed ?? /\/((libs|controllers|apps|tools)\/[^/]+)\//.exec(id)?.[1] ?? "bundler";
}
