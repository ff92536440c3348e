import { styleText } from "node:util";

export type TextStyle = Parameters<typeof styleText>[0];

/** Where a command tells what it does: colours and passing lines only for somebody who watches. */
export interface Terminal {
  /** Whether a person is there. */
  readonly interactive: boolean;
  readonly line: (text?: string) => void;
  /** A line that the next one replaces; where nobody watches, only now and then one that stays. */
  readonly passing: (text: string) => void;
  /** Takes the passing line away. */
  readonly clear: () => void;
  readonly style: (style: TextStyle, text: string) => string;
}

export interface TerminalStream extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
}

/** Between two passing lines in a log: what is quick leaves none. */
const quietMs = 15_000;

const eraseLine = "\r\u001B[2K";

/** @param beside a terminal whose passing line would be on the same screen */
export function createTerminal(stream: TerminalStream, environment: NodeJS.ProcessEnv, beside?: Terminal): Terminal {
  const interactive = stream.isTTY === true;
  const coloured = interactive && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  let passing = false;
  let loggedAt = performance.now();
  const log = (text: string) => {
    if (performance.now() - loggedAt < quietMs) return;
    loggedAt = performance.now();
    stream.write(`${text}\n`);
  };
  const erase = () => {
    beside?.clear();
    if (passing) stream.write(eraseLine);
    passing = false;
  };
  return {
    interactive,
    line: (text = "") => {
      erase();
      stream.write(`${text}\n`);
    },
    passing: (text) => {
      if (!interactive) {
        log(text);
        return;
      }
      erase();
      // A line that wraps could not be erased.
      stream.write(text.slice(0, (stream.columns || 80) - 1));
      passing = true;
    },
    clear: erase,
    style: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
  };
}
