import { ConditionType, type KubeObject } from "@leat/api";
import { parseEntry, subjectOf } from "@leat/apply";
import { age } from "../terminal/age.ts";
import { message, name, ready, suspended, textAt } from "../terminal/columns.ts";
import { columnsOf } from "../cluster/kind-columns.ts";
import { conditionOf, conditionsOf } from "../cluster/condition-of.ts";
import { eventCells } from "../events/event.ts";
import { inventoryOf } from "../cluster/inventory-of.ts";
import { shortDigests } from "../terminal/short-digests.ts";
import { type Cell, tableLines } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Description, Related } from "./gather.ts";
import { type Problem, problemsOf } from "./problems.ts";

type Style = Terminal["style"];

const mostObjects = 40;

/** Everything about an object for a person, what is wrong first. */
export function describeText(description: Description, style: Style): string[] {
  const { kind, object } = description;
  const { metadata } = object;
  const title = `${kind.kind} ${metadata.name}`;
  return [
    `${style("bold", title)} in namespace ${metadata.namespace ?? ""}, ${age(metadata.creationTimestamp)} old`,
    "",
    ...stateLines(description, style),
    "",
    ...tableLines(facts(description), style),
    ...section("Conditions", conditionRows(object), style),
    ...inventoryLines(object, style),
    ...section("Events", description.events.map(eventCells), style),
  ];
}

const marks = { wrong: ["red", "✗"], waiting: ["yellow", "…"], note: ["cyan", "!"] } as const;

function stateLines(description: Description, style: Style): string[] {
  const problems = problemsOf(description);
  const isReady = conditionOf(description.object, ConditionType.Ready)?.status === "True";
  const good = isReady ? [`${style("green", "✓")} Ready: ${shortDigests(readyMessage(description.object))}`] : [];
  return [...good, ...problems.flatMap((problem) => problemLines(problem, style))];
}

function readyMessage(object: KubeObject): string {
  return conditionOf(object, ConditionType.Ready)?.message ?? "";
}

function problemLines({ severity, title, details }: Problem, style: Style): string[] {
  const [colour, mark] = marks[severity];
  const lines = details.split("\n").filter((line) => line.trim() !== "");
  return [`${style(colour, mark)} ${title}`, ...lines.map((line) => `    ${line}`)];
}

/** What the columns of a list say, and what surrounds the object. */
function facts({ kind, object, source, dependencies, dependents }: Description): Cell[][] {
  const told = new Set([name, ready, suspended, message]);
  const own = columnsOf(kind).filter((column) => !told.has(column) && !["SOURCE", "AGE"].includes(column.header));
  const rows: Array<[label: string, value: Cell]> = [
    ...own.map(({ header, cell }): [string, Cell] => [inWords(header), cell(object)]),
    ["Attempted", attempted(object)],
    ["Interval", textAt(object, "spec", "interval")],
    ["Artifact", artifact(object)],
    ...several("Source", source === undefined ? [] : [relatedText(source)]),
    ...several("Depends on", dependencies.map(relatedText)),
    ...several("Needed by", dependents.map(objectText)),
    ["Last request", textAt(object, "status", "lastHandledReconcileAt")],
  ];
  return rows.filter(([, value]) => value !== "");
}

/** `SOME HEADER` → `Some header`; a word like URL stays. */
function inWords(header: string): string {
  return header.length <= 3 ? header : header[0] + header.slice(1).toLowerCase();
}

function attempted(object: KubeObject): string {
  const revision = textAt(object, "status", "lastAttemptedRevision");
  return revision === textAt(object, "status", "lastAppliedRevision") ? "" : shortDigests(revision);
}

function artifact(object: KubeObject): string {
  const size = textAt(object, "status", "artifact", "size");
  const digest = textAt(object, "status", "artifact", "digest");
  const made = textAt(object, "status", "artifact", "lastUpdateTime");
  return digest === "" ? "" : `${shortDigests(digest)}${size === "" ? "" : `, ${size} bytes`}, ${age(made)} old`;
}

function several(label: string, values: readonly string[]): Array<[string, Cell]> {
  return values.map((value, index) => [index === 0 ? label : "", value]);
}

function relatedText(related: Related): string {
  const { kind, namespace, name: called } = related.reference;
  const subject = subjectOf({ kind, namespace, name: called });
  switch (related.state) {
    case "found":
      return objectText(related.object);
    case "missing":
      return `${subject}  does not exist`;
    case "unseen":
      return `${subject}  not checked`;
  }
}

function objectText(object: KubeObject): string {
  const { kind, metadata } = object;
  const revision = textAt(object, "status", "artifact", "revision") || textAt(object, "status", "lastAppliedRevision");
  const isReady = conditionOf(object, ConditionType.Ready)?.status === "True";
  const { namespace, name: called } = metadata;
  return [subjectOf({ kind, namespace, name: called }), isReady ? "ready" : "not ready", shortDigests(revision)]
    .join("  ")
    .trimEnd();
}

function conditionRows(object: KubeObject): Cell[][] {
  return conditionsOf(object).map(({ type, status, reason, message: text, lastTransitionTime }) => {
    const [first = ""] = text.split("\n");
    return [type, status, reason, age(lastTransitionTime), shortDigests(first)];
  });
}

function inventoryLines(object: KubeObject, style: Style): string[] {
  const entries = inventoryOf(object) ?? [];
  const shown = entries.slice(0, mostObjects).map((entry) => {
    const parsed = parseEntry(entry);
    return [parsed === undefined ? entry.id : subjectOf(parsed)];
  });
  if (entries.length > mostObjects) shown.push([`and ${entries.length - mostObjects} more`]);
  return section(`Inventory, ${entries.length} objects`, shown, style);
}

function section(title: string, rows: Cell[][], style: Style): string[] {
  return rows.length === 0 ? [] : ["", style("bold", title), ...tableLines(rows, style).map((line) => `  ${line}`)];
}
