import type { Terminal, TextStyle } from "../terminal/terminal.ts";
import type { Finding } from "./finding.ts";

const marks: Readonly<Record<Finding["result"], [mark: string, style: TextStyle]>> = {
  ok: ["✓", "green"],
  warning: ["!", "yellow"],
  failure: ["✗", "red"],
};

/** Findings for a person, under what they are about. */
export function findingLines(findings: readonly Finding[], style: Terminal["style"]): string[] {
  const groups = Map.groupBy(findings, ({ about }) => about);
  return [...groups].flatMap(([about, found]) => [
    style("bold", about),
    ...found.map(({ result, message }) => {
      const [mark, colour] = marks[result];
      return `  ${style(colour, mark)} ${message}`;
    }),
  ]);
}
