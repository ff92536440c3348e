import { Fault, Reason } from "@leat/api";
import { type Http, HttpError } from "@leat/http";
import { type Fields, isFields } from "./sealed-file.ts";

/** How key services are reached. */
export interface KeyServices {
  http: Http;
  /** Addresses in place of the clouds' own. */
  addresses?: { aws?: string; gcp?: string; azure?: string };
}

export interface Question {
  url: string;
  headers?: Record<string, string>;
  /** JSON, or a form. */
  body: string;
  signal: AbortSignal;
}

const limits = { timeoutMs: 30_000, maxBytes: 1024 * 1024 };

/** Of what a service says, so much gets into a message. */
const maxReason = 300;

/**
 * Asks a key service, or who gives tokens for it. Redirects are not followed: what is asked goes to whom it is meant for.
 *
 * @throws Fault where there is no answer, or a refusal, which may be mended there without anything changing here
 */
export async function ask({ http }: KeyServices, { url, body, signal, headers = {} }: Question): Promise<Fields> {
  try {
    const answer = await http.request(url, { method: "POST", headers, body, signal, ...limits });
    const text = (await answer.bytes()).toString();
    const fields = parse(text);
    if (answer.status === 200 && fields) return fields;
    const reason = fields && reasonIn(fields);
    throw new Fault(Reason.BuildFailed, [`answered ${answer.status}`, reason].filter(Boolean).join(": "));
  } catch (cause) {
    if (!(cause instanceof HttpError)) throw cause;
    throw new Fault(Reason.BuildFailed, `could not be asked: ${cause.message}`, { cause });
  }
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // No JSON, as from a proxy on the way.
    return undefined;
  }
}

/** Each service has its own place for it. */
function reasonIn(fields: Fields): string {
  const { error, errors } = fields;
  const inner = isFields(error) ? error : {};
  const candidates = [
    fields["__type"],
    inner["status"] ?? inner["code"],
    typeof error === "string" ? error : inner["message"],
    fields["message"] ?? fields["Message"] ?? fields["error_description"],
    ...(Array.isArray(errors) ? errors : []),
  ];
  const texts = candidates.filter((text) => typeof text === "string");
  return texts.join(": ").replaceAll(/\s+/g, " ").slice(0, maxReason);
}
