import { join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";
import { leanPackages } from "./lean-packages.ts";
import { copyFiles, ownFiles } from "./own-files.ts";
import type { BundledProgram } from "./programs.ts";
import { writeWhole } from "./write-whole.ts";

/** What was made. */
export interface Bundle {
  /** Name of the file. */
  file: string;
  bytes: number;
  /** Bytes by package before the text is written out, the largest first. */
  contents: [name: string, bytes: number][];
  /** Directories of the packages of others that it holds. */
  installed: string[];
}

/**
 * Makes one file of a program and everything it needs. It is not minified: that saves a megabyte of memory, and takes the
 * names and lines from every stack trace.
 *
 * @param directory where `<name>.mjs` goes, and `<name>-files` for a program that reads files; a file is replaced whole
 * @throws Error where a module is missing, or anything is doubtful
 */
export async function bundleProgram(root: string, program: BundledProgram, directory: string): Promise<Bundle> {
  const file = `${program.name}.mjs`;
  const files = program.reads.length > 0 ? `${program.name}-files` : undefined;
  await using build = await rolldown({
    cwd: root,
    input: program.entry,
    platform: "node",
    plugins: [leanPackages(root), ownFiles(root, files)],
    // No module here is loaded for what loading it does alone, though few manifests say so.
    treeshake: { moduleSideEffects: false },
    // undici's own switch: leaves out a second HTTP parser, which is an experiment.
    transform: { define: { "typeof esbuildDetection": '"object"' } },
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  const { output } = await build.generate({ format: "esm", codeSplitting: false, comments: false });
  const [chunk] = output;
  const text = inAscii(chunk.code);
  if (files !== undefined) await copyFiles(root, program.reads, join(directory, files));
  await writeWhole(join(directory, file), text);
  return { file, bytes: text.length, contents: contentsOf(chunk), installed: installedIn(chunk) };
}

/** V8 keeps the text of a program in memory, with two bytes for each character where a single one is beyond Latin-1. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function contentsOf({ modules }: OutputChunk): Bundle["contents"] {
  const bytes = new Map<string, number>();
  for (const [id, { renderedLength }] of Object.entries(modules)) {
    const owner = packageOf(id);
    bytes.set(owner, (bytes.get(owner) ?? 0) + renderedLength);
  }
  return [...bytes].toSorted(([, one], [, other]) => other - one);
}

function installedIn({ modules }: OutputChunk): string[] {
  const directories = Object.keys(modules).map((id) => /.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  return [...new Set(directories.filter((directory) => directory !== undefined))];
}

/** As in `libs/kube` or `undici`. */
function packageOf(id: string): string {
  const installed = /.*\/node_modules\/((@[^/]+\/)?[^/]+)/.exec(id)?.[1];
  return installed ?? /\/((libs|controllers|apps|tools)\/[^/]+)\//.exec(id)?.[1] ?? "bundler";
}
