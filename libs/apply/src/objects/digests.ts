import { hash } from "node:crypto";
import type { KubeObject } from "@leat/api";

/** Digests of rendered objects; kept as long as the declared object is, which builds share between runs. */
export interface Digests {
  /**
   * Equal where the same would be sent.
   *
   * @param declared never changed
   * @param rendered what `declared` becomes for this owner
   */
  of: (owner: string, declared: KubeObject, rendered: KubeObject) => string;
}

export function createDigests(): Digests {
  const known = new WeakMap<KubeObject, { owner: string; digest: string }>();
  return {
    of: (owner, declared, rendered) => {
      const last = known.get(declared);
      if (last?.owner === owner) return last.digest;
      const digest = digestOf(rendered);
      known.set(declared, { owner, digest });
      return digest;
    },
  };
}

export function digestOf(rendered: KubeObject): string {
  return hash("sha256", JSON.stringify(rendered), "base64url");
}
