import type { Context } from "../program/context.ts";
import type { TextStyle } from "../terminal/terminal.ts";
import { shownChange } from "./line-diff.ts";
import { type Action, type Change, countsText, isDifference, type Report } from "./report.ts";

/** How much is told: everything, the objects without what differs in them, or how many there are. */
export type Detail = "all" | "stat" | "summary";

type Style = Context["out"]["style"];

const signs: Record<Action, [sign: string, style: TextStyle]> = {
  created: ["+", "green"],
  changed: ["~", "yellow"],
  recreated: ["±", "yellow"],
  deleted: ["-", "red"],
  rejected: ["!", "red"],
  drifted: ["≈", "dim"],
  encrypted: ["?", "dim"],
  kept: ["=", "dim"],
  skipped: ["=", "dim"],
  unchanged: ["=", "dim"],
};

/** Lines for a terminal; empty where nothing differs and nothing has to be said. */
export function reportText(reports: readonly Report[], detail: Detail, style: Style): string[] {
  const told = detail === "summary" ? [] : reports.flatMap((report) => oneReport(report, detail, style));
  const needsTelling = reports.some(({ changes }) => changes.some(isTold));
  return needsTelling || detail === "summary" ? [...told, style("bold", countsText(reports))] : [];
}

/** What is as it should be is only counted. */
export function isTold(change: Change): boolean {
  return isDifference(change) || ["rejected", "drifted", "encrypted"].includes(change.action);
}

function oneReport(
  { kustomization: { namespace, name }, path, changes }: Report,
  detail: Detail,
  style: Style,
): string[] {
  const told = changes.filter(isTold);
  if (told.length === 0) return [];
  const heading = style("bold", `Kustomization ${namespace}/${name} from ${path}`);
  const lines = told.flatMap((change) => oneChange(change, detail, style));
  return [heading, "", ...lines, ...(detail === "stat" ? [""] : [])];
}

function oneChange(change: Change, detail: Detail, style: Style): string[] {
  const { action, subject, file, note, fields = [], manifest } = change;
  const [sign, colour] = signs[action];
  const where = file === undefined ? "" : style("dim", ` (${file})`);
  const count =
    detail === "stat" && fields.length > 0 ? `: ${fields.length} field${fields.length === 1 ? "" : "s"}` : "";
  const lines = [`${style(colour, `${sign} ${subject}`)} ${action}${where}${count}`];
  if (note !== undefined) lines.push(...note.split("\n").map((line) => `    ${line}`));
  if (detail === "stat") return lines;
  for (const field of fields) {
    const shown = shownChange(field);
    if (shown.kind === "line") lines.push(`    ${field.path}: ${shown.text}`);
    else lines.push(`    ${field.path}:`, ...shown.lines.map((line) => `      ${coloured(line, style)}`));
  }
  if (manifest !== undefined)
    lines.push(
      ...manifest
        .trimEnd()
        .split("\n")
        .map((line) => `    ${style("green", `+ ${line}`)}`),
    );
  return [...lines, ""];
}

function coloured(line: string, style: Style): string {
  if (line.startsWith("+")) return style("green", line);
  return line.startsWith("-") ? style("red", line) : line;
}
