import type { KubeObject } from "@leat/api";
import type { Compared } from "../run/comparison.ts";
import type { ObjectName } from "../objects/object-name.ts";

/** What an apply would do to one object. */
export interface ObjectPreview {
  name: ObjectName;
  /** Where in the source it comes from. */
  file?: string | undefined;
  /** Values in it that may not be told. */
  secrets: readonly string[];
  verdict: Verdict;
}

/** What would become of an object. */
export type Verdict =
  /** `isValidated`: a dry-run succeeded; otherwise its namespace or kind is created by the same change. */
  | { kind: "created"; object: KubeObject; isValidated: boolean }
  /** `isRecreated`: deleted and recreated, since a field of it cannot change. */
  | { kind: "changed"; found: Compared; isRecreated: boolean }
  | { kind: "unchanged" }
  /** It has drifted or was deleted, and is not corrected. */
  | { kind: "drifted"; found?: Compared }
  /** One of its policies says to leave it alone. */
  | { kind: "skipped" }
  /** What it holds is not known. */
  | { kind: "encrypted" }
  /** By the server, in its words. */
  | { kind: "rejected"; message: string }
  /** It is no longer declared. */
  | { kind: "deleted" }
  /** It is no longer declared, and stays all the same: it says so, or it is no longer the owner's. */
  | { kind: "kept" };
