import { createHash } from "node:crypto";
import type { Trace } from "./trace-state.ts";

/** Digest of everything that the outcome depends on, where nothing is fetched from elsewhere. */
export function inputsOf({ repository, directory, linked, written, decryption }: Trace, version: string): string {
  const sum = createHash("sha256").update(JSON.stringify(["1", version, directory, decryption?.key]));
  for (const path of [...linked].toSorted()) sum.update(JSON.stringify([path, repository.digestOf(path)]));
  for (const [path, text] of [...written].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    sum.update(JSON.stringify([path, text, "written"]));
  return `sha256:${sum.digest("hex")}`;
}
