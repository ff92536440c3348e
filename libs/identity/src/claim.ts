import { Fault, Reason } from "@leat/api";
import type { Ending } from "./token-cache.ts";

/** A ServiceAccount, as far as clouds are concerned with it. */
export interface Account {
  namespace: string;
  name: string;
  annotations: Readonly<Record<string, string>>;
}

/** What the annotations of an account say that it is at a cloud. */
export interface Claim<Value extends Ending> {
  /** All that tells it from others of the account. */
  parts: readonly unknown[];
  /** Whom the token of the account is for that proves it. */
  audiences: (signal: AbortSignal) => Promise<readonly string[]>;
  /** What the cloud gives for that token. */
  exchange: (token: string, signal: AbortSignal) => Promise<Value>;
}

export function subjectOf({ namespace, name }: Pick<Account, "namespace" | "name">): string {
  return `ServiceAccount ${namespace}/${name}`;
}

/**
 * The value of an annotation; `undefined` where it is absent or empty.
 *
 * @throws Fault where it is none of its kind
 */
export function annotationIn({ annotations }: Account, key: string, pattern: RegExp): string | undefined {
  const value = annotations[key];
  if (!value || pattern.test(value)) return value || undefined;
  throw new Fault(
    Reason.AuthenticationFailed,
    `its annotation ${key} is ${JSON.stringify(value.slice(0, 200))}, which does not match ${pattern.source}`,
  );
}

/** @throws Fault also where it is absent */
export function neededAnnotation(account: Account, key: string, pattern: RegExp): string {
  const value = annotationIn(account, key, pattern);
  if (value !== undefined) return value;
  throw new Fault(Reason.AuthenticationFailed, `missing annotation ${key}`);
}
