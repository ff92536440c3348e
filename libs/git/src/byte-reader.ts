/** Takes a stream of bytes apart: by lines and by lengths. */
export interface ByteReader {
  /** Up to the next newline, which is left out; `undefined` at the end. */
  line: () => Promise<string | undefined>;
  /** Exactly so many bytes, piece by piece; to be read to the end before anything else is. */
  take: (count: number) => AsyncGenerator<Buffer, void, undefined>;
}

const maxLineBytes = 64 * 1024;

export function byteReader(source: AsyncIterator<Buffer>): ByteReader {
  let left: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await source.next();
    if (next.done) return false;
    left = left.length === 0 ? next.value : Buffer.concat([left, next.value]);
    return true;
  };
  return {
    line: async () => {
      for (;;) {
        const end = left.indexOf("\n");
        if (end >= 0) {
          const line = left.subarray(0, end).toString();
          left = left.subarray(end + 1);
          return line;
        }
        if (left.length > maxLineBytes) throw new Error("a line is too long");
        if (!(await more())) return undefined;
      }
    },
    take: async function* take(count) {
      let missing = count;
      while (missing > 0) {
        if (left.length === 0 && !(await more())) throw new Error(`the stream ended ${missing} bytes early`);
        const piece = left.subarray(0, missing);
        left = left.subarray(piece.length);
        missing -= piece.length;
        yield piece;
      }
    },
  };
}
