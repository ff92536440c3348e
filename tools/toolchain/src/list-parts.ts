import { cachedPath } from "./cached-path.ts";
import type { ToolchainConfig } from "./config.ts";
import { isProgram, namedByEnvironment } from "./lookup.ts";
import { readMade, sizeOf } from "./made.ts";
import { type BinaryName, parts, type PartSource } from "./parts.ts";
import { madeText, mebibytes } from "./progress.ts";

const titles = ["name", "version", "source", "state", "size", "made"];

/** A table of binaries: where each comes from, whether the machine has it, its size, and what it took to make it. */
export async function listParts(names: readonly BinaryName[], config: ToolchainConfig): Promise<string> {
  const rows = [titles, ...(await Promise.all(names.map((name) => rowOf(name, config))))];
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function rowOf(name: BinaryName, config: ToolchainConfig): Promise<string[]> {
  const source = parts[name];
  const start = [name, source.version, sourceText(source)];
  const named = await namedByEnvironment(name, config);
  if (named !== undefined) return [...start, named, mebibytes(await sizeOf(named, source)), ""];
  const cached = await cachedPath(name, config);
  if (!(await isProgram(cached))) return [...start, "missing", "", ""];
  const made = await readMade(cached);
  return [...start, "cached", mebibytes(await sizeOf(cached, source)), made ? madeText(made) : ""];
}

function sourceText(source: PartSource): string {
  if (source.from === "wheel") return `wheel ${source.project}`;
  return `${source.library ? "our main in" : "Go module"} ${source.module}${source.files ? ", and files" : ""}`;
}
