import { type Coprocess, ProcessError, startCoprocess } from "@leat/process";
import type { FileToBuild } from "./files-to-build.ts";
import { maxOutputBytes } from "./limits.ts";

export type Reply =
  /** Objects as JSON, one a line. */
  | { kind: "objects"; text: string }
  /** kustomize's words. */
  | { kind: "error"; error: string }
  /** The objects are larger than `maxOutputBytes`. */
  | { kind: "tooLarge" };

/** One renderer: a program that holds the files it is sent in memory and has nothing else. */
export interface RendererProcess extends Pick<Coprocess, "pid" | "alive" | "errors" | "stop"> {
  greeting: Greeting;
  /** @throws ProcessError `ended` where the program ends before it has answered */
  build: (directory: string, files: readonly FileToBuild[]) => Promise<Reply>;
}

export interface Greeting {
  /** Whether the kernel refuses the program files, sockets and programs. */
  sealed: boolean;
  /** Why it does not. */
  why?: string;
  /** What the program is made of. */
  version: string;
}

/** A header is the list of files, or kustomize's words. */
const maxHeaderBytes = 64 * 1024 * 1024;

/**
 * Starts a renderer. What is said to it and what it answers stands in the renderer's own main.go.
 *
 * @throws ProcessError where it cannot be started, or is no renderer
 */
export async function startRendererProcess(program: string): Promise<RendererProcess> {
  const coprocess = await startCoprocess(program, [], { maxUnreadBytes: maxOutputBytes + maxHeaderBytes });
  try {
    const greeting = (await readFrame(coprocess)) as Greeting;
    return {
      greeting,
      pid: coprocess.pid,
      alive: coprocess.alive,
      errors: coprocess.errors,
      stop: coprocess.stop,
      build: async (directory, files) => {
        await sendRequest(coprocess, directory, files);
        const { error, bytes } = (await readFrame(coprocess)) as { error?: string; bytes: number };
        if (error !== undefined) return { kind: "error", error };
        if (bytes > maxOutputBytes) return { kind: "tooLarge" };
        return { kind: "objects", text: (await coprocess.read(bytes)).toString() };
      },
    };
  } catch (error) {
    await coprocess.stop();
    throw error;
  }
}

async function sendRequest(coprocess: Coprocess, directory: string, files: readonly FileToBuild[]): Promise<void> {
  const header = { directory, files: files.map(({ path, content }) => ({ path, bytes: content.length })) };
  const frame = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(frame.length);
  await coprocess.write(Buffer.concat([size, frame, ...files.map(({ content }) => content)]));
}

async function readFrame(coprocess: Coprocess): Promise<unknown> {
  const size = (await coprocess.read(4)).readUInt32BE();
  if (size > maxHeaderBytes) throw new ProcessError("output", "the renderer answered with no frame");
  return JSON.parse((await coprocess.read(size)).toString());
}
