import { LimitExceeded } from "@leat/api";

/** Whether labels, or annotations, are what a selector asks for. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/** Characters. */
const maxLength = 4096;

/**
 * Reads a selector as kubectl does: `app=web,tier!=cache,zone in (a, b),!canary`.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @returns `undefined` where it cannot be read
 * @throws LimitExceeded
 */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  if (text.length > maxLength)
    throw new LimitExceeded(`a selector of ${text.length} characters`, `${maxLength} characters`);
  if (text.trim() === "") return () => true;
  const parts = requirementsIn(text).map((part) => requirementOf(part.trim()));
  return parts.every((part) => part !== undefined) ? (labels) => parts.every((holds) => holds(labels)) : undefined;
}

/** Between commas, but for those within parentheses. */
function requirementsIn(text: string): string[] {
  const parts: string[] = [];
  for (const piece of text.split(",")) {
    const last = parts.at(-1) ?? "";
    const isOpen = last.lastIndexOf("(") > last.lastIndexOf(")");
    if (isOpen) parts[parts.length - 1] = `${last},${piece}`;
    else parts.push(piece);
  }
  return parts;
}

function requirementOf(text: string): LabelSelector | undefined {
  const [, not, name] = /^(!?)\s*([^\s!=<>(),]+)$/.exec(text) ?? [];
  if (name !== undefined) return (labels) => Object.hasOwn(labels, name) === (not === "");
  const [, key = "", operator = "", operand = ""] =
    /^([^\s!=<>(),]+)\s*(==?|!=|[<>])\s*([^\s!=<>(),]*)$/.exec(text) ??
    /^([^\s!=<>(),]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text) ??
    [];
  const holds = operators.get(operator);
  const values = operand.split(",").map((value) => value.trim());
  return holds && ((labels) => holds(Object.hasOwn(labels, key) ? labels[key] : undefined, values));
}

type Operator = (value: string | undefined, operands: readonly string[]) => boolean;

const isIn: Operator = (value, operands) => value !== undefined && operands.includes(value);
const isNotIn: Operator = (value, operands) => !isIn(value, operands);

const operators = new Map<string, Operator>(
  Object.entries({
    "=": isIn,
    "==": isIn,
    in: isIn,
    "!=": isNotIn,
    notin: isNotIn,
    "<": (value, [operand]) => numberOf(value) < numberOf(operand),
    ">": (value, [operand]) => numberOf(value) > numberOf(operand),
  }),
);

/** Whole numbers only; nothing is less or greater than anything else. */
function numberOf(value: string | undefined): number {
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
}
