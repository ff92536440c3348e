import { Fault, type KubeObject } from "@leat/api";
import { Rejection } from "./rejection.ts";
import type { Repository } from "./repository.ts";
import type { Trace } from "./trace-state.ts";

/** How encrypted files and values are read. */
export interface Decryption {
  /** Tells one set of keys from another: what was built with one is not given to who has another. */
  readonly key: string;
  /** Reads a file that may be encrypted. */
  file: (file: MaybeEncrypted, signal: AbortSignal) => Promise<Opened<Buffer>>;
  /** Reads a built object that may hold encrypted values; `undefined` where it is clear that it holds none. */
  object: (object: KubeObject, signal: AbortSignal) => Promise<Opened<KubeObject>> | undefined;
}

export interface MaybeEncrypted {
  /** In the repository. */
  path: string;
  content: Buffer;
  readAs: ReadAs;
}

/** What a file is read for, which tells its format: objects and patches, the lines of an `env`, or as the name says. */
export type ReadAs = { kind: "objects" } | { kind: "env" } | { kind: "file"; name: string };

export type Opened<Content> =
  | { kind: "plain" }
  /** `secrets`: what must not get into a message. */
  | { kind: "decrypted"; content: Content; secrets: readonly string[] }
  /** The message names the file or the object, and what to change. */
  | { kind: "rejected"; message: string };

/**
 * Does work on a trace whose files are read decrypted; what is thrown holds none of the secrets.
 *
 * @param work given the secrets that were read so far, too; they become more as it goes on
 */
export async function withDecryption<Result>(
  trace: Trace,
  signal: AbortSignal,
  work: (trace: Trace, secrets: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const { decryption } = trace;
  if (!decryption) return work(trace, []);
  const secrets: string[] = [];
  const settle = <Content>(opened: Opened<Content>): Content | undefined => {
    if (opened.kind === "rejected") throw new Rejection(opened.message);
    if (opened.kind === "plain") return undefined;
    secrets.push(...opened.secrets);
    return opened.content;
  };
  const open = async (file: MaybeEncrypted) => settle(await decryption.file(file, signal));
  const openObject: Trace["openObject"] = (object) => {
    const opening = decryption.object(object, signal);
    return opening && opening.then(settle);
  };
  try {
    return await work({ ...trace, repository: decrypting(trace, open), openObject }, secrets);
  } catch (error) {
    throw withoutSecrets(error, secrets);
  }
}

function decrypting(trace: Trace, open: (file: MaybeEncrypted) => Promise<Buffer | undefined>): Repository {
  const { repository, encrypted, asTheyAre } = trace;
  const opened = new Map<string, Promise<Buffer>>();
  const decrypt = async (path: string, readAs: ReadAs, content: Buffer): Promise<Buffer> => {
    const decrypted = await open({ path, content, readAs });
    if (decrypted && asTheyAre.has(path)) throw readInBothWays(path);
    return decrypted ?? content;
  };
  const read: Repository["read"] = async (path, maxBytes) => {
    const content = await repository.read(path, maxBytes);
    const readAs = encrypted.get(path);
    return readAs ? opened.getOrInsertComputed(path, () => decrypt(path, readAs, content)) : content;
  };
  const readText: Repository["readText"] = async (path) => {
    const text = await repository.readText(path);
    return encrypted.has(path) ? (await read(path, Infinity)).toString() : text;
  };
  return { ...repository, read, readText };
}

function readInBothWays(path: string): Rejection {
  return new Rejection(
    `${path} is encrypted, but also used by an entry that would publish it decrypted, such as a configMapGenerator; remove one of the entries`,
  );
}

/** Shorter ones would take words apart that say nothing. */
const minSecretLength = 4;

function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof Rejection || error instanceof Fault)) return error;
  const lines = secrets.flatMap((secret) => [secret, ...secret.split("\n")]).map((line) => line.trim());
  const long = lines
    .filter(({ length }) => length >= minSecretLength)
    .toSorted((one, other) => other.length - one.length);
  const message = long.reduce((text, secret) => text.replaceAll(secret, "(decrypted value)"), error.message);
  if (message === error.message) return error;
  // Without a cause: that would tell what the message no longer does.
  return error instanceof Fault ? new Fault(error.reason, message) : new Rejection(message);
}
