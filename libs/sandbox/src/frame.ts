import type { Coprocess } from "@leat/process";
import { brokenProtocol, SandboxError } from "./sandbox-error.ts";

/** A frame has the index of its kind. `sandbox/frame.go` in the toolchain's module `renderer` describes the format. */
const kinds = ["greeting", "request", "answer", "error", "query"] as const;

export type FrameKind = (typeof kinds)[number];

export interface Frame {
  kind: FrameKind;
  /** Of greetings, requests and queries. */
  body?: unknown;
  /** Of requests, answers and errors. */
  content?: readonly Uint8Array[];
}

export interface ReceivedFrame {
  kind: FrameKind;
  body: unknown;
  content: Buffer;
}

/** Kind, size of the body, size of the content. */
const headBytes = 1 + 4 + 4;

/** Of greetings and queries. The program is not trusted: parsing more JSON would block the event loop. */
const maxBodyBytes = 1024 * 1024;

/** Limit of a frame from the program. */
export function maxFrameBytes(maxContentBytes: number): number {
  return headBytes + maxBodyBytes + maxContentBytes;
}

/**
 * @throws ProcessError `ended` if the program ends before it has written the frame
 * @throws SandboxError `output` if the content is larger than permitted, `ended` if this is not a frame
 */
export async function readFrame(from: Coprocess, maxContentBytes: number): Promise<ReceivedFrame> {
  const head = await from.read(headBytes);
  const kind = kinds[head.readUInt8(0)];
  const [size, contentSize] = [head.readUInt32BE(1), head.readUInt32BE(5)];
  if (kind === undefined || size > maxBodyBytes) throw brokenProtocol();
  if (contentSize > maxContentBytes) {
    throw new SandboxError("output", `the program responded with more than ${maxContentBytes} bytes`);
  }
  const text = (await from.read(size)).toString();
  return { kind, body: parse(text), content: await from.read(contentSize) };
}

export async function writeFrame(to: Coprocess, { kind, body, content = [] }: Frame): Promise<void> {
  const text = Buffer.from(body === undefined ? "" : JSON.stringify(body));
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(kinds.indexOf(kind), 0);
  head.writeUInt32BE(text.length, 1);
  head.writeUInt32BE(
    content.reduce((sum, { length }) => sum + length, 0),
    5,
  );
  await to.write(Buffer.concat([head, text, ...content]));
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    throw brokenProtocol(cause);
  }
}
