import { posix } from "node:path";
import { Fault } from "@leat/api";
import type { UnpackBudget } from "./unpack-budget.ts";
import type { UnpackedEntry, UnpackedFile } from "./unpack-part.ts";

/** The files and directories of one archive, as far as it was read. */
export class UnpackedTree {
  readonly files = new Map<string, UnpackedFile>();
  /** Those that hold nothing among them; the root is not one. */
  readonly directories = new Set<string>();
  readonly #budget: UnpackBudget;

  constructor(budget: UnpackBudget) {
    this.#budget = budget;
  }

  /** @throws Fault `ArtifactFailed` if there are too many, or two at one path */
  add(entry: UnpackedEntry): void {
    const { kind, path } = entry;
    this.#addDirectory(kind === "directory" ? path : parentOf(path));
    if (kind === "directory") return;
    if (this.files.has(path) || this.directories.has(path)) throw twice(path);
    this.#budget.count(path);
    this.files.set(path, entry);
  }

  #addDirectory(path: string): void {
    for (let each = path; each !== "" && !this.directories.has(each); each = parentOf(each)) {
      if (this.files.has(each)) throw twice(each);
      this.#budget.count(each);
      this.directories.add(each);
    }
  }
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}

function twice(path: string): Fault {
  return new Fault("ArtifactFailed", `the artifact has a duplicate entry ${JSON.stringify(path.slice(0, 200))}`);
}
