import { structuredPatch } from "diff";
import { stringifyYaml } from "@leat/yaml";
import type { FieldChange } from "./field-changes.ts";
import { hidden } from "./mask.ts";

/** How a change of a field is shown: on one line, or as the lines that differ. */
export type Shown = { kind: "line"; text: string } | { kind: "lines"; lines: string[] };

const contextLines = 2;
const longestText = 160;
const around = 24;

export function shownChange({ before, after }: FieldChange): Shown {
  if (isShort(before) && isShort(after)) return { kind: "line", text: onOneLine(before, after) };
  const { hunks } = structuredPatch("", "", textOf(before), textOf(after), "", "", { context: contextLines });
  const lines = hunks.flatMap((hunk, index) => [...(index > 0 ? ["  …"] : []), ...hunk.lines]);
  return { kind: "lines", lines: lines.filter((line) => !line.startsWith("\\")).map(spaced) };
}

/** `+ text` */
function spaced(line: string): string {
  return `${line.slice(0, 1)} ${line.slice(1)}`.trimEnd();
}

function isShort(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("\n");
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : stringifyYaml(value);
  return text.endsWith("\n") ? text : `${text}\n`;
}

function onOneLine(before: unknown, after: unknown): string {
  if (before === hidden && after === hidden) return `${hidden} → ${hidden} (changed)`;
  if (before === undefined) return `(none) → ${excerpt(written(after))}`;
  if (after === undefined) return `${excerpt(written(before))} → (none)`;
  const [old, next] = [written(before), written(after)];
  const start =
    old.length > longestText || next.length > longestText ? Math.max(0, commonStart(old, next) - around) : 0;
  const cut = (text: string) => excerpt(start > 0 ? `…${text.slice(start)}` : text);
  return `${cut(old)} → ${cut(next)}`;
}

/** As in YAML, so that a text that looks like a number is told from one. */
function written(value: unknown): string {
  return typeof value === "string" && value !== "" && isPlain(value) ? value : JSON.stringify(value);
}

function isPlain(text: string): boolean {
  return stringifyYaml(text).trimEnd() === text;
}

function excerpt(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

function commonStart(a: string, b: string): number {
  let index = 0;
  while (index < a.length && a[index] === b[index]) index += 1;
  return index;
}
