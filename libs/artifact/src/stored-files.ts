import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, Fault } from "@leat/api";
import { digestOfFile, isSameDigest, parseDigest } from "./digest.ts";
import { type ArtifactOwner, directoryOf, isSafeName } from "./owner-directory.ts";

export type ArtifactCondition = "intact" | "lost" | "damaged";

/** The files of a storage whose digests are known, as long as nobody else has changed them. */
export interface StoredFiles {
  /** Remembers the digest of a file that was just written. */
  written: (path: string, digest: string) => Promise<void>;
  removed: (path: string) => void;
  removedBelow: (directory: string) => void;
  /** @throws Fault `ArtifactVerificationFailed` if the file cannot be read */
  inspect: (owner: ArtifactOwner, artifact: Artifact, signal: AbortSignal) => Promise<ArtifactCondition>;
}

/** Identifies a file's content without reading it. */
interface Fingerprint {
  inode: bigint;
  size: bigint;
  modifiedNs: bigint;
  changedNs: bigint;
}

/** @param root the directory of the storage */
export function createStoredFiles(root: string): StoredFiles {
  const known = new Map<string, Fingerprint & { digest: string }>();
  return {
    written: async (path, digest) => {
      known.set(path, { ...(await fingerprintOf(path)), digest });
    },
    removed: (path) => void known.delete(path),
    removedBelow: (directory) => {
      for (const path of known.keys()) if (path.startsWith(`${directory}/`)) known.delete(path);
    },
    inspect: async (owner, artifact, signal) => {
      if (!isOwn(owner, artifact)) return "lost";
      const path = join(root, artifact.path);
      const now = await fingerprintOf(path).catch(() => undefined);
      if (now === undefined) return "lost";
      const before = known.get(path);
      const digest = before && isSameFile(before, now) ? before.digest : await digestAt(path, artifact, signal);
      if (isSameDigest(digest, artifact.digest)) {
        known.set(path, { ...now, digest });
        return "intact";
      }
      await rm(path, { force: true });
      return "damaged";
    },
  };
}

/** The path is in the status, which others may write: it must not lead elsewhere. */
function isOwn(owner: ArtifactOwner, { path }: Artifact): boolean {
  const prefix = `${directoryOf(owner)}/`;
  return path.startsWith(prefix) && isSafeName(path.slice(prefix.length));
}

async function digestAt(path: string, { digest }: Artifact, signal: AbortSignal): Promise<string> {
  try {
    return await digestOfFile(path, parseDigest(digest).algorithm, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new Fault("ArtifactVerificationFailed", `cannot verify ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function fingerprintOf(path: string): Promise<Fingerprint> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { inode: ino, size, modifiedNs: mtimeNs, changedNs: ctimeNs };
}

function isSameFile(a: Fingerprint, b: Fingerprint): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedNs === b.modifiedNs && a.changedNs === b.changedNs;
}
