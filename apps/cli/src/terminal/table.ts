import type { Terminal, TextStyle } from "./terminal.ts";

export type Cell = string | { text: string; style?: TextStyle | undefined };

const gap = "  ";

/** Lines of a table whose columns are as wide as their widest cell; the last one is as wide as it gets. */
export function tableLines(
  rows: ReadonlyArray<readonly Cell[]>,
  style: Terminal["style"],
  widths = widthsOf(rows),
): string[] {
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const text = textOf(cell);
        const shown = typeof cell === "string" || cell.style === undefined ? text : style(cell.style, text);
        return index === row.length - 1 ? shown : shown + " ".repeat(Math.max(0, (widths[index] ?? 0) - text.length));
      })
      .join(gap)
      .trimEnd(),
  );
}

export function widthsOf(rows: ReadonlyArray<readonly Cell[]>): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, textOf(cell).length);
  }
  return widths;
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
