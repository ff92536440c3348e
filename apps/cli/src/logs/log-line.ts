import type { Terminal, TextStyle } from "../terminal/terminal.ts";

/** One line of a controller's log. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, UTC: what lines are ordered by. */
  at: string;
  /** Empty for a line that is not of the controller's own logger. */
  level: string;
  controller: string;
  kind: string;
  namespace: string;
  name: string;
  message: string;
  /** What else the line says, as it is written after the message. */
  fields: readonly (readonly [key: string, value: string])[];
}

/** What is in every line, or says what kind, namespace and name do. */
const ordinary = new Set(
  "level ts msg error logger stacktrace reconcileID controller controllerGroup controllerKind namespace name".split(
    " ",
  ),
);

/**
 * Reads a line as the API server gives it: its time, and what the controller wrote.
 *
 * @param controller whose log it is
 */
export function parseLogLine(line: string, controller: string): LogLine {
  const space = line.indexOf(" ");
  const at = precise(line.slice(0, space));
  const text = line.slice(space + 1);
  const json = parseJson(text);
  if (json === undefined) return { ...nothing, at, controller, message: text };
  const kind = textOf(json["controllerKind"]);
  return {
    at,
    level: textOf(json["level"]),
    controller,
    kind,
    namespace: textOf(json["namespace"]),
    name: textOf(json["name"]),
    message: [textOf(json["msg"]), textOf(json["error"])].filter(Boolean).join(": "),
    fields: Object.entries(json)
      .filter(([key]) => !ordinary.has(key) && key !== kind)
      .map(([key, value]) => [key, textOf(value)] as const),
  };
}

const nothing = { level: "", kind: "", namespace: "", name: "", fields: [] };

const levelStyles: Readonly<Record<string, TextStyle>> = { error: "red", debug: "dim", info: "green" };

/** A line for a person: time, level, subject, message. */
export function renderLogLine(line: LogLine, style: Terminal["style"]): string {
  const { at, level, controller, kind, namespace, name, message, fields } = line;
  const subject = name === "" ? controller : [kind, namespace, name].filter(Boolean).join("/");
  const rest = fields.map(([key, value]) => style("dim", `${key}=${/\s/.test(value) ? JSON.stringify(value) : value}`));
  const shownLevel = level.padEnd(5);
  return [
    style("dim", `${at.slice(0, 23)}Z`),
    levelStyles[level] === undefined ? shownLevel : style(levelStyles[level], shownLevel),
    style("bold", subject),
    message,
    ...rest,
  ].join(" ");
}

/** The nine digits that order lines written within a millisecond. */
function precise(time: string): string {
  const parsed = Date.parse(time);
  if (Number.isNaN(parsed)) return "";
  const [, fraction = ""] = /\.([0-9]+)/.exec(time) ?? [];
  return `${new Date(parsed).toISOString().slice(0, 19)}.${fraction.padEnd(9, "0")}`;
}

function parseJson(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Cut off, or written by something else than the logger.
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
