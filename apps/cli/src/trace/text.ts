import { subjectOf } from "@leat/apply";
import { oneLine } from "../terminal/one-line.ts";
import { statusCell } from "../terminal/status-cell.ts";
import { type Cell, tableLines } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Step } from "./step.ts";
import type { Trace } from "./trace.ts";

/** A trace for people: one line an object, with what is known of it below. */
export function traceLines({ managed, note, steps }: Trace, style: Terminal["style"]): string[] {
  const rows = steps.flatMap((step): Array<readonly Cell[]> => [
    [step.role, subjectOf(step), ...stateOf(step)],
    ...Object.entries(step.details ?? {}).map(([label, value]) => [`  ${label}`, value]),
  ]);
  const subjects = rows.filter((row) => row.length > 2);
  const widths = [rows, subjects, subjects].map((of, column) =>
    Math.max(...of.map((row) => textOf(row[column] ?? "").length)),
  );
  return [...tableLines(rows, style, widths), ...(managed ? [] : ["", `Not managed: ${note}.`])];
}

function stateOf({ status, message, suspended }: Step): Cell[] {
  return suspended
    ? [{ text: "Suspended", style: "yellow" }, oneLine(message)]
    : [statusCell(status), oneLine(message)];
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
