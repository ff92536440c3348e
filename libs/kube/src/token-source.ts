import type { ReadIdentity } from "./connection-identity.ts";
import type { Token } from "./kube.ts";

/** Gives a token that ends; asked again before it does, and when the server rejects it. */
export type TokenSource = () => Promise<Token>;

// So that no request comes too late with it.
const usedLife = 0.8;

/** The source's token, kept until it has to be another one. */
export function renewed(source: TokenSource): (why: Parameters<ReadIdentity>[0]) => Promise<string> {
  let known: { token: string; until: number } | undefined;
  return async (why) => {
    if (known === undefined || why === "rejected" || Date.now() >= known.until) {
      const { token, expiresAt } = await source();
      known = { token, until: Date.now() + (expiresAt.getTime() - Date.now()) * usedLife };
    }
    return known.token;
  };
}
