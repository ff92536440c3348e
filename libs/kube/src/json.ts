import { Fault } from "@leat/api";
import { parseJson } from "@leat/json";

/**
 * Reads an answer. The error tells nothing of the text, which may hold a secret and which JSON.parse would quote.
 *
 * @throws Fault `APIServerUnavailable`
 */
export function parseAnswer(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new Fault(
      "APIServerUnavailable",
      `the API server's response to ${what} is not JSON (${text.length} characters)`,
    );
  }
}
