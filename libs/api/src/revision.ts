import { Fault } from "./fault.ts";

/**
 * The revision of a Git commit: `main@sha1:<hex>` where a branch, tag or full ref led to it, `sha1:<hex>` otherwise.
 * @throws Fault `InvalidGitObject` where `commit` is no full hash.
 */
export function gitRevision(commit: string, ref?: string): string {
  const algorithm = /^[0-9a-f]+$/.test(commit) ? { 40: "sha1", 64: "sha256" }[commit.length] : undefined;
  if (algorithm === undefined) {
    throw new Fault("InvalidGitObject", `${JSON.stringify(commit)} is not a full commit hash`);
  }
  const checksum = `${algorithm}:${commit}`;
  return ref === undefined || ref === "" ? checksum : `${ref}@${checksum}`;
}

/** The commit hash in a Git revision; `undefined` where the text is no Git revision. */
export function commitOf(revision: string): string | undefined {
  return /(?:^|@)(?:sha1|sha256):([0-9a-f]+)$/.exec(revision)?.[1];
}
