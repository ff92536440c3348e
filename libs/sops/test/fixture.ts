import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "@leat/api";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { parse, stringify } from "yaml";
import {
  type KeyServiceIdentity,
  decrypt,
  type Decrypted,
  type Format,
  formatOf,
  type Keys,
  type KeyServices,
  type KeysRead,
  readKeys,
} from "../src/index.ts";

export interface AgeKey {
  identity: string;
  recipient: string;
}

export async function ageKey(generate: () => Promise<string> = generateX25519Identity): Promise<AgeKey> {
  const identity = await generate();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** Encrypts a file with sops itself, by the rule of a `.sops.yaml`. */
export async function encryptedBySops(
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

/** For keys that need none. */
const offline: KeyServices = {
  http: {
    request: () => Promise.reject(new Error("no service is asked here")),
    [Symbol.asyncDispose]: async () => {},
  },
};

export async function read(
  entries: Record<string, string | Buffer>,
  services = offline,
  identity?: KeyServiceIdentity,
): Promise<KeysRead> {
  const contents = Object.entries(entries).map(([name, content]) => [name, Buffer.from(content)] as const);
  return readKeys(new Map(contents), services, identity);
}

/** Keys by the names of entries in a Secret. */
export async function keysOf(
  entries: Record<string, string | Buffer>,
  services?: KeyServices,
  identity?: KeyServiceIdentity,
): Promise<Keys> {
  const answer = await read(entries, services, identity);
  if (answer.kind === "rejected") throw new Error(answer.message);
  return answer.keys;
}

/** A file whose data key is encrypted in another way than sops could here: the metadata is not part of what the MAC covers. */
export async function reencrypted(
  content: string,
  encrypt: (dataKey: Buffer) => Promise<Record<string, object[]>>,
): Promise<string> {
  const key = await ageKey();
  const file = parse(String(await encryptedBySops("a.yaml", content, { age: key.recipient })));
  const decrypter = new Decrypter();
  decrypter.addIdentity(key.identity);
  const { age, ...metadata } = file.sops;
  const dataKey = Buffer.from(await decrypter.decrypt(armor.decode(age[0].enc)));
  return stringify({ ...file, sops: { ...metadata, ...(await encrypt(dataKey)) } });
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
  throw new Error(answer.kind === "rejected" ? answer.message : `${name} is plain`);
}

export async function rejectionOf(...[name, content, keys, as]: Parameters<typeof decrypted>): Promise<string> {
  const answer = await decrypted(name, content, keys, as);
  if (answer.kind !== "rejected") throw new Error(`${name} was not rejected`);
  if (!answer.message.startsWith(`${name} `)) throw new Error(answer.message);
  return answer.message.slice(name.length + 1);
}

/** What is thrown where a key service did not help. */
export async function faultOf(...[name, content, keys, as]: Parameters<typeof decrypted>): Promise<string> {
  const [outcome] = await Promise.allSettled([decrypted(name, content, keys, as)]);
  if (outcome?.status !== "rejected") throw new Error(`no fault: ${JSON.stringify(outcome?.value)}`);
  if (!(outcome.reason instanceof Fault)) throw outcome.reason;
  if (/hidden|not-to-be-shown/.test(outcome.reason.message)) throw new Error("the message tells a secret");
  return outcome.reason.message;
}
