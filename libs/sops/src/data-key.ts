import { Fault, Reason } from "@leat/api";
import type { Keys } from "./keys.ts";
import { type MasterKey, nameOf } from "./master-key.ts";
import type { Metadata } from "./metadata.ts";
import { Rejection } from "./rejection.ts";
import { combineShares } from "./shamir.ts";

const keyBytes = 32;

/** So many are named in a message. */
const maxNamed = 8;

/**
 * The key that the values of a file are encrypted with.
 *
 * @throws Rejection where the keys do not suffice, with those that would; Fault where a service was asked and did not help
 */
export async function decryptDataKey(metadata: Metadata, keys: Keys, signal: AbortSignal): Promise<Buffer> {
  const { groups, threshold } = metadata;
  const shares: Buffer[] = [];
  const failures: Failure[] = [];
  for (const group of groups) {
    if (shares.length === threshold) break;
    const share = await decryptGroup(group, { keys, failures, signal });
    if (share) shares.push(share);
  }
  if (shares.length < threshold) throw notDecrypted(metadata, shares.length, failures);
  const [only = Buffer.alloc(0)] = shares;
  const dataKey = groups.length === 1 ? only : combineShares(shares);
  if (dataKey.length !== keyBytes)
    throw new Rejection(`has a data key of ${dataKey.length} bytes instead of ${keyBytes}`);
  return dataKey;
}

interface Failure {
  key: MasterKey;
  error: Rejection | Fault;
}

interface Attempt {
  keys: Keys;
  /** Why keys that should have decrypted it did not. */
  failures: Failure[];
  signal: AbortSignal;
}

async function decryptGroup(
  group: readonly MasterKey[],
  { keys, failures, signal }: Attempt,
): Promise<Buffer | undefined> {
  for (const key of group) {
    signal.throwIfAborted();
    try {
      const share = await keys.decrypters.get(key.kind)?.decrypt(key, signal);
      if (share) return share;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Rejection || error instanceof Fault)) throw error;
      failures.push({ key, error });
    }
  }
  return undefined;
}

function notDecrypted({ groups, threshold }: Metadata, decrypted: number, failures: readonly Failure[]): Error {
  const names = groups.flat().map(nameOf);
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : "";
  const recipients = `recipients: ${names.slice(0, maxNamed).join(", ")}${more}`;
  const needed = threshold > 1 ? ` (${decrypted} of the ${threshold} key groups that it needs were decrypted)` : "";
  const why = failures.slice(0, maxNamed).map(({ key, error }) => `; ${nameOf(key)} ${error.message}`);
  const message = `cannot be decrypted: no available key fits (${recipients}${needed})${why.join("")}`;
  // What a service would not do now it may do later, with the same file and the same keys.
  const fault = failures.find(({ error }) => error instanceof Fault)?.error;
  return fault ? new Fault(Reason.BuildFailed, message, { cause: fault }) : new Rejection(message);
}
