import { duration } from "../terminal/duration.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Puts the story on a terminal. */
export interface Teller {
  chapter: (title: string, what: string) => void;
  /** Something that was seen in the cluster, and after how many milliseconds. */
  seen: (what: string, ms?: number) => void;
  /** Words of somebody else, indented. */
  quote: (text: string) => void;
}

const textWidth = 74;

export function createTeller(terminal: Terminal): Teller {
  const { line, style } = terminal;
  let chapters = 0;
  return {
    chapter: (title, what) => {
      chapters += 1;
      line();
      line(`${style("cyan", String(chapters))}  ${style("bold", title)}`);
      for (const part of wrapped(what)) line(`   ${style("dim", part)}`);
    },
    seen: (what, ms) => {
      const after = ms === undefined ? "" : duration(ms).padStart(Math.max(10, textWidth + 8 - what.length));
      line(`   ${style("green", "✓")} ${what}${style("bold", after)}`);
    },
    quote: (text) => {
      for (const part of text.split("\n").flatMap(wrapped)) line(`     ${style("yellow", part)}`);
    },
  };
}

function wrapped(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > textWidth) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
