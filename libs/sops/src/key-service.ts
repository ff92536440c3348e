import type { Http } from "@leat/http";
import { ask as askFor, type Fields, type Question } from "@leat/identity";

/** How key services are reached. */
export interface KeyServices {
  http: Http;
  /** Addresses in place of the clouds' own. */
  addresses?: { aws?: string | undefined; gcp?: string | undefined; azure?: string | undefined };
  /** What the environment says of AWS: where it gives roles. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Asks a key service, or who gives tokens for it, with a body of JSON or of a form.
 *
 * @throws Fault where there is no answer, or a refusal, which may be mended there without anything changing here
 */
export function ask({ http }: KeyServices, question: Omit<Question, "method" | "service">): Promise<Fields> {
  return askFor(http, { ...question, method: "POST" });
}
