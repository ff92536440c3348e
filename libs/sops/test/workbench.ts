import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { decrypt, type Decrypted, type Format, formatOf, type Keys, readKeys } from "../src/index.ts";

export interface AgeKey {
  identity: string;
  recipient: string;
}

export async function ageKey(generate: () => Promise<string> = generateX25519Identity): Promise<AgeKey> {
  const identity = await generate();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** Encrypts a file with sops itself, by the rule of a `.sops.yaml`. */
export async function encrypted(
  name: string,
  content: string | Buffer,
  rule: Record<string, unknown>,
  env: Record<string, string> = {},
): Promise<Buffer> {
  const config = JSON.stringify({ creation_rules: [rule] });
  return sops("encrypt", name, content, { files: { ".sops.yaml": config }, env });
}

/** What sops itself makes of an encrypted file. */
export async function decryptedBySops(name: string, content: Buffer, key: AgeKey): Promise<Buffer> {
  return sops("decrypt", name, content, { env: { SOPS_AGE_KEY: key.identity } });
}

async function sops(
  command: string,
  name: string,
  content: string | Buffer,
  { files = {}, env = {} }: { files?: Record<string, string>; env?: Record<string, string> },
): Promise<Buffer> {
  await using place = await mkdtempDisposable(join(tmpdir(), "leat-sops-"));
  const { path: directory } = place;
  for (const [file, text] of Object.entries({ ...files, [name]: content }))
    await writeFile(join(directory, file), text);
  const { exitCode, stdout, stderr } = await run(await binary("sops"), [command, join(directory, name)], {
    env: { HOME: directory, ...env },
    cwd: directory,
    timeoutMs: 60_000,
  });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}

/** Keys by the names of entries in a Secret. */
export async function keysOf(entries: Record<string, string>): Promise<Keys> {
  const read = await readKeys(new Map(Object.entries(entries).map(([name, text]) => [name, Buffer.from(text)])));
  if (read.kind === "refused") throw new Error(read.message);
  return read.keys;
}

export async function decrypted(name: string, content: Buffer | string, keys: Keys, as?: Format): Promise<Decrypted> {
  return decrypt({
    name,
    content: Buffer.from(content),
    as: as ?? formatOf(name),
    keys,
    signal: AbortSignal.timeout(60_000),
  });
}

/** What a file holds, once decrypted. */
export async function contentOf(...[name, content, keys, as]: Parameters<typeof decrypted>): Promise<Buffer> {
  const answer = await decrypted(name, content, keys, as);
  if (answer.kind === "decrypted") return answer.content;
  throw new Error(answer.kind === "refused" ? answer.message : `${name} is plain`);
}

export async function refusalOf(...[name, content, keys, as]: Parameters<typeof decrypted>): Promise<string> {
  const answer = await decrypted(name, content, keys, as);
  if (answer.kind !== "refused") throw new Error(`${name} was not refused`);
  if (!answer.message.startsWith(`${name} `)) throw new Error(answer.message);
  return answer.message.slice(name.length + 1);
}
