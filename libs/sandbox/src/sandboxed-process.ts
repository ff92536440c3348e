import { type Coprocess, ProcessError, startCoprocess } from "@leat/process";
import { maxFrameBytes, readFrame, type ReceivedFrame, writeFrame } from "./frame.ts";
import { brokenProtocol, SandboxError } from "./sandbox-error.ts";

export interface Request {
  /** Sent as JSON. */
  body: unknown;
  /** Sent back to back, as it is. */
  content: readonly Uint8Array[];
  /** Answers the queries that the program sends while it works on the request; without it, they get an error. */
  answerQuery?: (query: unknown, signal: AbortSignal) => Promise<Answer>;
}

/** An answer to a request, or to a query. */
export type Answer =
  | { kind: "answer"; content: Buffer }
  /** Why there is none. The program is ready for the next request. */
  | { kind: "error"; message: string };

/** What a program reports about itself when it starts. */
export interface Greeting {
  /** Whether the kernel denies it files, sockets and programs. */
  sandboxed: boolean;
  /** The reason if it does not. */
  why?: string;
  /** What the program is made of. */
  version: string;
}

/** A program that has greeted, and works on one request at a time. */
export interface SandboxedProcess extends Pick<Coprocess, "alive" | "errors" | "stop"> {
  greeting: Greeting;
  /**
   * @param signal passed on to `answerQuery`. The program cannot be interrupted: end its process to cancel a request.
   * @throws ProcessError `ended` if the program ends before it has answered
   * @throws SandboxError `output` or `ended`
   */
  request: (request: Request, signal: AbortSignal) => Promise<Answer>;
}

export interface StartOptions {
  /** Until it has greeted. */
  timeoutMs: number;
  maxAnswerBytes: number;
  maxMemoryBytes: number;
}

/**
 * Starts a program that is made with the package `sandbox` of the toolchain's module `renderer`.
 *
 * @throws SandboxError `unavailable` if it cannot be started, or is another program
 */
export async function startSandboxedProcess(
  program: string,
  { timeoutMs, maxAnswerBytes, maxMemoryBytes }: StartOptions,
): Promise<SandboxedProcess> {
  try {
    const coprocess = await startCoprocess(program, memoryLimit(maxMemoryBytes), {
      maxUnreadBytes: maxFrameBytes(maxAnswerBytes),
    });
    const receive = () => readFrame(coprocess, maxAnswerBytes);
    const greeting = await greetingOf(coprocess, receive, timeoutMs);
    const { alive, errors, stop } = coprocess;
    return { greeting, alive, errors, stop, request: (...args) => exchange(coprocess, receive, ...args) };
  } catch (cause) {
    if (!(cause instanceof ProcessError || cause instanceof SandboxError)) throw cause;
    throw new SandboxError("unavailable", cause.message, { cause });
  }
}

/** The arguments of a program that is made with the package `sandbox`, for itself or for a program that it is to become. */
export function memoryLimit(bytes: number): string[] {
  return [`--max-memory=${bytes}`];
}

type Receive = () => Promise<ReceivedFrame>;

async function greetingOf(coprocess: Coprocess, receive: Receive, timeoutMs: number): Promise<Greeting> {
  const timer = setTimeout(() => void coprocess.stop(), timeoutMs);
  try {
    const { kind, body } = await receive();
    if (kind !== "greeting" || !isGreeting(body)) throw brokenProtocol();
    return body;
  } catch (error) {
    await coprocess.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isGreeting(body: unknown): body is Greeting {
  const { sandboxed, why = "", version } = (body ?? {}) as Partial<Record<keyof Greeting, unknown>>;
  return typeof sandboxed === "boolean" && typeof why === "string" && typeof version === "string";
}

async function exchange(
  coprocess: Coprocess,
  receive: Receive,
  { body, content, answerQuery = notAnswered }: Request,
  signal: AbortSignal,
): Promise<Answer> {
  await writeFrame(coprocess, { kind: "request", body, content });
  for (;;) {
    const received = await receive();
    switch (received.kind) {
      case "answer":
        return { kind: "answer", content: received.content };
      case "error":
        return { kind: "error", message: received.content.toString() };
      case "query":
        await reply(coprocess, await answerQuery(received.body, signal));
        break;
      case "greeting":
      case "request":
        throw brokenProtocol();
    }
  }
}

async function notAnswered(): Promise<Answer> {
  return { kind: "error", message: "queries are not supported" };
}

function reply(coprocess: Coprocess, answer: Answer): Promise<void> {
  const content = answer.kind === "answer" ? answer.content : Buffer.from(answer.message);
  return writeFrame(coprocess, { kind: answer.kind, content: [content] });
}
