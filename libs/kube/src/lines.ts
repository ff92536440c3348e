import { Fault } from "@leat/api";

/** Bytes. etcd takes objects of 1.5 MB by default and 8 MB at most in practice; their JSON may be some times larger. */
const longestLine = 64 * 1024 * 1024;
const newline = 0x0a;

/**
 * The whole lines of a stream, all of one chunk at a time. A last line without its newline is what a broken connection
 * leaves: it is dropped.
 *
 * @throws Fault `WatchBroken` for a line that is too long
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      begun.push(chunk.subarray(start, end));
      const line = begun.length === 1 ? chunk.toString("utf8", start, end) : Buffer.concat(begun).toString("utf8");
      if (line.length > 0) lines.push(line);
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      begun.push(chunk.subarray(start));
      begunBytes += chunk.length - start;
    }
    if (lines.length > 0) yield lines;
    if (begunBytes > longestLine) throw new Fault("WatchBroken", `a watch event is larger than ${longestLine} bytes`);
  }
}

/**
 * Passes chunks on, and ends with a fault where none comes for as long as `limitMs` says at that moment. Time in which
 * the consumer is busy does not count.
 *
 * @throws Fault `WatchBroken`
 */
export async function* withStallLimit(chunks: AsyncIterable<Buffer>, limitMs: () => number): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await nextWithin(iterator, limitMs());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a connection that is dead would hold it.
    void iterator.return?.()?.catch(ignore);
  }
}

async function nextWithin(iterator: AsyncIterator<Buffer>, limitMs: number): Promise<IteratorResult<Buffer>> {
  const stalled = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    stalled.reject(new Fault("WatchBroken", `no data for ${limitMs} ms: the connection is considered dead`));
  }, limitMs);
  const next = iterator.next();
  // Where the time is up first, nobody waits for this any more.
  next.catch(ignore);
  try {
    return await Promise.race([next, stalled.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function ignore(): void {
  // The reader already has another fault, or has ended.
}
