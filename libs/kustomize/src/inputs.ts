import { createHash } from "node:crypto";
import type { Trace } from "./walk.ts";

/** Digest of everything that the outcome depends on, where nothing is fetched from elsewhere. */
export async function inputsOf({ repository, directory, linked, written }: Trace, version: string): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(["1", version, directory]));
  const paths = [...linked].toSorted();
  for (let start = 0; start < paths.length; start += readsAtOnce) {
    const some = paths.slice(start, start + readsAtOnce);
    const digests = await Promise.all(some.map((path) => repository.digestOf(path)));
    some.forEach((path, index) => hash.update(JSON.stringify([path, digests[index]])));
  }
  for (const [path, text] of [...written].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(JSON.stringify([path, text, "written"]));
  return `sha256:${hash.digest("hex")}`;
}

const readsAtOnce = 16;
