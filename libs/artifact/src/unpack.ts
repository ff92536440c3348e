import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { Fault } from "@leat/api";

export interface UnpackLimits {
  /** Of all files together, unpacked. */
  maxBytes: number;
  /** Files and directories. */
  maxEntries: number;
  /** Directories above one another. */
  maxDepth: number;
}

/**
 * Unpacks a tar.gz into an empty directory: regular files and directories; links and devices are left out. Files can only
 * be read.
 *
 * @throws Fault `ArtifactFailed` where the archive is damaged, leads out of the directory or goes beyond a limit
 */
export async function unpack(
  archive: string,
  directory: string,
  limits: UnpackLimits,
  signal: AbortSignal,
): Promise<void> {
  try {
    const entries = extract();
    const reading = pipeline(createReadStream(archive), createGunzip(), entries, { signal });
    // A failure shows in the loop; here it only must not be unhandled.
    reading.catch(() => {});
    const budget = { ...limits };
    const made = new Set([directory]);
    for await (const entry of entries) {
      const path = join(directory, checked(entry.header, budget));
      if (entry.header.type === "directory") await makeDirectory(path, made);
      if (entry.header.type === "file" || entry.header.type === "contiguous-file") {
        await makeDirectory(dirname(path), made);
        const mode = ((entry.header.mode ?? 0) & 0o100) === 0 ? 0o400 : 0o500;
        await pipeline(entry, createWriteStream(path, { mode, flags: "wx" }), { signal });
      } else entry.resume();
    }
    await reading;
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    throw new Fault("ArtifactFailed", `the artifact is no archive that can be unpacked: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The path of an entry, taken from the budget. */
function checked({ name, size }: Header, budget: UnpackLimits): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || /[\\\0]/.test(name) || parts.includes("..")) {
    throw new Fault(
      "ArtifactFailed",
      `the artifact has an entry ${JSON.stringify(name.slice(0, 200))} that leads out of it`,
    );
  }
  budget.maxBytes -= size;
  budget.maxEntries -= 1;
  if (budget.maxBytes < 0) throw new Fault("ArtifactFailed", "the artifact is too large when unpacked");
  if (budget.maxEntries < 0) throw new Fault("ArtifactFailed", "the artifact has too many entries");
  if (parts.length > budget.maxDepth)
    throw new Fault("ArtifactFailed", `the artifact has an entry deeper than ${budget.maxDepth} directories`);
  return parts.join("/");
}

async function makeDirectory(path: string, made: Set<string>): Promise<void> {
  if (made.has(path)) return;
  await mkdir(path, { recursive: true, mode: 0o700 });
  made.add(path);
}
