/** A place in a text that moves forward. */
export interface Cursor {
  /** The character here; "" at the end. */
  peek: () => string;
  startsWith: (text: string) => boolean;
  skip: (count: number) => void;
  /** What was passed since `start`, which an earlier `position` told. */
  since: (start: number) => string;
  position: () => number;
  /** Takes what the pattern, which must be sticky, matches here; "" where it does not. */
  take: (sticky: RegExp) => string;
}

export function createCursor(text: string): Cursor {
  let at = 0;
  return {
    peek: () => text.charAt(at),
    startsWith: (start) => text.startsWith(start, at),
    skip: (count) => {
      at += count;
    },
    since: (start) => text.slice(start, at),
    position: () => at,
    take: (sticky) => {
      sticky.lastIndex = at;
      const [taken = ""] = sticky.exec(text) ?? [];
      at += taken.length;
      return taken;
    },
  };
}
