import type { Header } from "tar-stream";
import { Fault } from "@leat/api";

export interface UnpackLimits {
  /** Of all files together, unpacked. */
  maxBytes: number;
  /** Files and directories, each counted once for every 256 characters of its path. */
  maxEntries: number;
  /** Directories above one another. */
  maxDepth: number;
}

export const defaultUnpackLimits = {
  maxBytes: 2 * 1024 ** 3,
  maxEntries: 500_000,
  maxDepth: 100,
} satisfies UnpackLimits;

/** Unpacked bytes between two entries: headers with long names, and what is left out. tar-stream holds headers in memory. */
const maxBytesBetween = 1024 * 1024;

/** An entry counts once for every so many characters of its path, which is held in memory. */
const pathCharacters = 256;

/** What one archive may still have. */
export class UnpackBudget {
  readonly #limits: UnpackLimits;
  /** By the entries so far. */
  readonly used = {
    /** Those that are left out included. */
    headers: 0,
    /** Files and directories, as they are counted. */
    entries: 0,
    bytes: 0,
  };
  #passed = 0;
  #accounted = maxBytesBetween;

  constructor(limits: UnpackLimits) {
    this.#limits = limits;
  }

  /** Passes the unpacked archive on, as long as it consists of entries that were admitted. */
  pass = async function* pass(this: UnpackBudget, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#passed += chunk.length;
      if (this.#passed > this.#accounted + chunk.length)
        throw new Fault("ArtifactFailed", "the artifact is not a valid archive: more than 1 MiB without an entry");
      yield chunk;
    }
  }.bind(this);

  /** The path of an entry. */
  admit({ name, size }: Header): string {
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (name.startsWith("/") || name.includes("\0") || parts.includes("..")) {
      throw new Fault(
        "ArtifactFailed",
        `the artifact has an entry ${JSON.stringify(name.slice(0, 200))} that leads outside its root`,
      );
    }
    this.#accounted = this.#passed + size + maxBytesBetween;
    if (parts.length > this.#limits.maxDepth)
      throw new Fault("ArtifactFailed", `the artifact has an entry deeper than ${this.#limits.maxDepth} directories`);
    this.admitAll({ headers: 1, bytes: size });
    return parts.join("/");
  }

  /** Entries whose paths were admitted already, in another archive. */
  admitAll({ headers, bytes }: { headers: number; bytes: number }): void {
    this.used.headers += headers;
    this.used.bytes += bytes;
    if (this.used.bytes > this.#limits.maxBytes)
      throw new Fault("ArtifactFailed", "the artifact is too large when unpacked");
    if (this.used.headers > this.#limits.maxEntries) throw tooMany();
  }

  /** Counts a file, or a directory. */
  count(path: string): void {
    this.used.entries += 1 + Math.floor(path.length / pathCharacters);
    if (this.used.entries > this.#limits.maxEntries) throw tooMany();
  }
}

function tooMany(): Fault {
  return new Fault("ArtifactFailed", "the artifact has too many entries");
}
