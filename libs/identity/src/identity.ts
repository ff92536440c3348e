import { Fault } from "@leat/api";
import type { AwsCredentials } from "./aws-signature.ts";
import type { Token } from "./cloud.ts";

/**
 * Somebody who can prove to a cloud who it is. Whether the cloud knows it shows when it is asked.
 *
 * Everything throws Fault where nothing is given; the message names who asked, and holds no part of a token.
 */
export interface Identity {
  /** As messages call it. */
  name: string;
  /** Equal where all that is known of it is equal, so that clouds would take it for the same. */
  key: string;
  aws: (region: string, signal: AbortSignal) => Promise<AwsCredentials>;
  /** @param scope such as `https://vault.azure.net/.default` */
  azure: (scope: string, signal: AbortSignal) => Promise<Token>;
  gcp: (signal: AbortSignal) => Promise<Token>;
  /** A token of Kubernetes itself, and whose it is. */
  kubernetes: (audiences: readonly string[], signal: AbortSignal) => Promise<AccountToken>;
}

export interface AccountToken extends Token {
  /** Of the ServiceAccount. */
  namespace: string;
  name: string;
}

/** Puts before the message of a fault who gets nothing, and from whom. */
export function naming(name: string) {
  return async <Value>(from: string, given: Promise<Value>): Promise<Value> => {
    try {
      return await given;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const message = `failed to get ${from} credentials for ${name}: ${error.message}`;
      throw new Fault(error.reason, message, { cause: error });
    }
  };
}
