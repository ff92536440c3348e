import { Fault, Reason } from "@leat/api";
import { type Http, HttpError } from "@leat/http";

export interface Question {
  method?: "GET" | "POST" | "PUT";
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** What messages call the service; they begin with what it did where it is absent. */
  service?: string;
  /** What must not come back in a message, whoever repeats it. */
  secrets?: readonly string[];
  timeoutMs?: number;
  maxBytes?: number;
  signal: AbortSignal;
}

export type Fields = Readonly<Record<string, unknown>>;

const defaultTimeoutMs = 30_000;
const defaultMaxBytes = 1024 * 1024;

/** Of what a service says, so much gets into a message. */
const maxReason = 300;

/**
 * Asks a service. Redirects are not followed: what is asked goes to whom it is meant for.
 *
 * @returns the text of its answer
 * @throws Fault where there is no answer, or a refusal, which may be mended there without anything changing here
 */
export async function askText(http: Http, question: Question): Promise<string> {
  const { url, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, secrets = [], ...request } = question;
  const subject = request.service === undefined ? "" : `${request.service} `;
  try {
    const answer = await http.request(url, { ...request, timeoutMs, maxBytes });
    const text = (await answer.bytes()).toString();
    if (answer.status === 200) return text;
    const reason = shown(reasonIn(text), secrets);
    const told = [`${subject}answered ${answer.status}`, reason].filter(Boolean).join(": ");
    throw new Fault(Reason.AuthenticationFailed, told);
  } catch (cause) {
    if (!(cause instanceof HttpError)) throw cause;
    throw new Fault(Reason.AuthenticationFailed, `${subject}could not be asked: ${cause.message}`, { cause });
  }
}

/** As {@link askText}, for an answer in JSON. */
export async function ask(http: Http, question: Question): Promise<Fields> {
  const fields = parse(await askText(http, question));
  if (fields !== undefined) return fields;
  const told = [question.service, "answered 200 without a JSON object"].filter(Boolean).join(" ");
  throw new Fault(Reason.AuthenticationFailed, told);
}

/** The body of a form, and its type. */
export function form(fields: Record<string, string>): Pick<Question, "headers" | "body"> {
  return {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The text of an element that holds nothing else. What AWS answers in XML has no more to it than such elements. */
export function elementIn(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll(/&(amp|lt|gt|quot|apos|#39|#34);/g, (_, entity: keyof typeof entities) => entities[entity]);
}

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'", "#34": '"' };

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // No JSON: XML, or a page of a proxy on the way.
    return undefined;
  }
}

/** Each service has its own place for it. */
function reasonIn(text: string): string {
  const fields = parse(text);
  const texts =
    fields === undefined
      ? [elementIn(text, "Code"), elementIn(text, "Message")]
      : candidatesIn(fields).filter((one) => typeof one === "string");
  return texts.filter(Boolean).join(": ").replaceAll(/\s+/g, " ");
}

function candidatesIn(fields: Fields): unknown[] {
  const { error, errors } = fields;
  const inner = isFields(error) ? error : {};
  return [
    fields["__type"] ?? fields["code"],
    inner["status"] ?? inner["code"],
    typeof error === "string" ? error : inner["message"],
    fields["message"] ?? fields["Message"] ?? fields["error_description"],
    ...(Array.isArray(errors) ? errors : []),
  ];
}

const webToken = /\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g;

function shown(reason: string, secrets: readonly string[]): string {
  const hidden = secrets.filter(Boolean).reduce((text, secret) => text.replaceAll(secret, "***"), reason);
  return hidden.replaceAll(webToken, "***").slice(0, maxReason);
}
