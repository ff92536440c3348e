import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "@leat/process";
import { gitEnvironment } from "../git/git-environment.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";

export interface SshKeyOptions {
  /** `ed25519` if absent. */
  type?: "ed25519" | "rsa" | "ecdsa";
  /** Of the curve or the modulus; ssh-keygen's own choice if absent. */
  bits?: number;
  /** Encrypts the private key. */
  passphrase?: string;
}

export interface SshKey {
  /** In OpenSSH's format. */
  privateKey: string;
  /** `<type> <base64>`, as in authorized_keys. */
  publicKey: string;
}

const limitMs = 60_000;

/**
 * Makes a key pair.
 *
 * @throws Error if ssh-keygen is missing or rejects
 */
export async function createSshKey({ type = "ed25519", bits, passphrase = "" }: SshKeyOptions = {}): Promise<SshKey> {
  await using place = await openPrivateDirectory();
  const file = join(place.path, "key");
  const args = [
    "-q",
    "-t",
    type,
    ...(bits === undefined ? [] : ["-b", String(bits)]),
    "-N",
    passphrase,
    "-C",
    "",
    "-f",
    file,
  ];
  const { exitCode, stderr } = await run("ssh-keygen", args, { env: gitEnvironment(), timeoutMs: limitMs });
  if (exitCode !== 0) throw new Error(`ssh-keygen: ${stderr.trim()}`);
  const [privateKey, publicKey] = await Promise.all([readFile(file, "utf8"), readFile(`${file}.pub`, "utf8")]);
  return { privateKey, publicKey: publicKey.trim() };
}
