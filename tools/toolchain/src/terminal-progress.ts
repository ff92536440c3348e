import type { WriteStream } from "node:tty";

/** One line that is written over on a terminal; elsewhere, a line now and then. */
export interface TerminalProgress extends Disposable {
  show: (line: string) => void;
  /** Removes the line, before something else is printed. */
  clear: () => void;
}

/** Between two lines in a log. */
const quietMs = 15_000;

export function terminalProgress(stream: Pick<WriteStream, "write" | "isTTY" | "columns">): TerminalProgress {
  let lastAt = -Infinity;
  let subject = "";
  const overwrite = (line: string) => void stream.write(`\r\u001B[K${line.slice(0, stream.columns - 1)}`);
  const append = (line: string) => {
    // The first three words tell what is being done: "[1/8] building etcd".
    const nextSubject = line.split(" ").slice(0, 3).join(" ");
    if (nextSubject === subject && performance.now() - lastAt < quietMs) return;
    subject = nextSubject;
    lastAt = performance.now();
    stream.write(`${line}\n`);
  };
  const clear = () => void (stream.isTTY && stream.write("\r\u001B[K"));
  return { show: stream.isTTY ? overwrite : append, clear, [Symbol.dispose]: clear };
}
