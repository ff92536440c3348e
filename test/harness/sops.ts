import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { generateX25519Identity, identityToRecipient } from "age-encryption";

export interface AgeKey {
  identity: string;
  recipient: string;
}

export async function ageKey(): Promise<AgeKey> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * Encrypts a file with sops.
 *
 * @param name whose ending tells the format
 * @param args such as `--encrypted-regex`; all values are encrypted without
 */
export function encrypted(
  { recipient }: AgeKey,
  name: string,
  content: string,
  args: readonly string[] = [],
): Promise<string> {
  return encryptedBy(["--age", recipient, ...args], name, content);
}

/** Encrypts a file with sops, by these arguments. */
export async function encryptedBy(
  args: readonly string[],
  name: string,
  content: string,
  env: Record<string, string> = {},
): Promise<string> {
  await using place = await mkdtempDisposable(join(tmpdir(), "leat-sops-"));
  const path = join(place.path, name);
  await writeFile(path, content);
  const { exitCode, stdout, stderr } = await run(await binary("sops"), ["encrypt", ...args, path], {
    env: { HOME: place.path, ...env },
    cwd: place.path,
    timeoutMs: 60_000,
  });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout.toString();
}
