import { freePort } from "./loopback.ts";
import { type Part, PartEnded, type Parts, untilReady } from "./parts.ts";

export interface ServerProgram {
  name: string;
  /** Path. */
  program: string;
  /** For a port on 127.0.0.1 that is free. */
  args: (port: number) => string[] | Promise<string[]>;
  env?: Record<string, string>;
  /** Asks the server on that port. */
  isReady: (port: number) => Promise<boolean>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

const attempts = 3;

/**
 * Starts a server and waits until it answers. If another process takes the port meanwhile, it is started on another one.
 *
 * @throws Error if it ends or does not answer in time, with the end of its log
 */
export async function startOnFreePort(parts: Parts, server: ServerProgram): Promise<{ port: number; part: Part }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const part = await parts.start(server.name, server.program, await server.args(port), server.env);
    try {
      const isReady = () => server.isReady(port);
      await untilReady(part, { isReady, timeoutMs: server.timeoutMs, signal: server.signal });
      return { port, part };
    } catch (error) {
      await parts.kill(part);
      if (attempt >= attempts || !(error instanceof PartEnded && error.portTaken)) throw error;
    }
  }
}
