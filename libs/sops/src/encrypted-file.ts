import type { JsonObject } from "@leat/http";
import type { Format } from "./format.ts";
import type { Plain } from "./plain.ts";

/** A file of any format, read for decryption. */
export interface EncryptedFile {
  /** What was encrypted at once, with one data key and one MAC: one part, or in YAML as many as were written into one file. */
  parts: readonly EncryptedPart[];
  /** The file with the values that were put in, and without sops's own. */
  write: (as: Format) => Promise<Buffer>;
}

export interface EncryptedPart {
  /** Mappings, lists and texts. */
  metadata: JsonObject;
  /** In the order of the file. */
  leaves: readonly Leaf[];
  /** Those that are encrypted; the MAC is not over them. */
  comments: readonly Comment[];
}

export interface Comment {
  /** Paths to which it may be bound. */
  places: Iterable<readonly string[]>;
  found: string;
  put: (text: string) => void;
}

export interface Leaf {
  /** Names of the mappings' keys on the way; positions in lists are not among them. */
  path: readonly string[];
  /** What stands there, encrypted or not. */
  found: Plain;
  /** Puts a decrypted value there. */
  put: (plain: Plain) => void;
}
