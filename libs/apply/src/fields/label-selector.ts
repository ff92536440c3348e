/** Whether labels, or annotations, are what a selector asks for. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/**
 * Reads a selector as kubectl does: `app=web,tier!=cache,zone in (a, b),!canary`.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @returns `undefined` where it cannot be read
 */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  if (text.trim() === "") return () => true;
  const parts = text.split(/,(?![^(]*\))/).map((part) => requirementOf(part.trim()));
  return parts.every((part) => part !== undefined) ? (labels) => parts.every((holds) => holds(labels)) : undefined;
}

function requirementOf(text: string): LabelSelector | undefined {
  const [, not, name] = /^(!?)\s*([^\s!=<>(),]+)$/.exec(text) ?? [];
  if (name !== undefined) return (labels) => Object.hasOwn(labels, name) === (not === "");
  const [, key = "", operator = "", operand = ""] =
    /^([^\s!=<>(),]+)\s*(==?|!=|[<>])\s*([^\s!=<>(),]*)$/.exec(text) ??
    /^([^\s!=<>(),]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text) ??
    [];
  const holds = operators[operator];
  const values = operand.split(",").map((value) => value.trim());
  return holds && ((labels) => holds(Object.hasOwn(labels, key) ? labels[key] : undefined, values));
}

type Operator = (value: string | undefined, operands: readonly string[]) => boolean;

const isIn: Operator = (value, operands) => value !== undefined && operands.includes(value);
const isNotIn: Operator = (value, operands) => !isIn(value, operands);

const operators: Readonly<Record<string, Operator>> = {
  "=": isIn,
  "==": isIn,
  in: isIn,
  "!=": isNotIn,
  notin: isNotIn,
  "<": (value, [operand]) => numberOf(value) < numberOf(operand),
  ">": (value, [operand]) => numberOf(value) > numberOf(operand),
};

/** Whole numbers only; nothing is less or greater than anything else. */
function numberOf(value: string | undefined): number {
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
}
