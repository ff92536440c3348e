import { type KeyObject, randomUUID } from "node:crypto";
import type { InternetAnswer, InternetRequest } from "../internet.ts";

/** What the clouds know, and what tests tell them. */
export interface CloudWorld {
  /** Public keys of those who make tokens for accounts. */
  issuers: KeyObject[];
  /** Who may be what: the subject of the token by a role, an application (`tenant/client`) or a service account. */
  trusts: Map<string, string>;
  /** Roles, applications, service accounts and subjects that may use the keys. */
  keyUsers: Set<string>;
  /** Clusters by their id: how they are reached, and by what the clouds' tokens for them are replaced. */
  clusters: Map<string, { server: string; ca: string }>;
  /** Who a credential is, by what is secret of it. */
  holders: Map<string, string>;
  /** Secret keys of AWS, by their ids; the holder of an id is the one of the key. */
  accessKeys: Map<string, string>;
  /** Gives something secret for an identity. */
  issue: (identity: string) => string;
  /** Plaintexts by their ciphertext. */
  ciphertexts: Map<string, string>;
  /** Makes clouds repeat in their errors what they were sent. */
  repeats: boolean;
}

export type CloudService = (request: InternetRequest, world: CloudWorld) => InternetAnswer | undefined;

export function createCloudWorld(): CloudWorld {
  const holders = new Map<string, string>();
  return {
    issuers: [],
    trusts: new Map(),
    keyUsers: new Set(),
    clusters: new Map(),
    holders,
    accessKeys: new Map(),
    issue: (identity) => {
      const secret = `hidden-${randomUUID()}`;
      holders.set(secret, identity);
      return secret;
    },
    ciphertexts: new Map(),
    repeats: false,
  };
}

/** Keeps what it is given, and gives what stands for it. */
export function encrypt({ ciphertexts }: CloudWorld, what: string): string {
  const name = Buffer.from(`ciphertext-${ciphertexts.size}-${randomUUID()}`).toString("base64url");
  ciphertexts.set(name, what);
  return name;
}

/** Who shows a token in the header of authorization. */
export function bearerOf({ headers }: InternetRequest, { holders }: CloudWorld): string | undefined {
  return holders.get((headers["authorization"] ?? "").replace(/^Bearer /, ""));
}

/** How long what is given lives. */
export const lifeSeconds = 3600;
