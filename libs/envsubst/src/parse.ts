import { type Budget, workOfExpression } from "./budget.ts";
import { createCursor, type Cursor } from "./cursor.ts";
import { Rejection } from "./rejection.ts";

/** Text as it stands, or something to be put in its place. */
export type Part = string | Expression;

/** `${variable}`, `${variable<operator><operands>}` or `${#variable}`. */
export interface Expression {
  variable: string;
  /** Empty for the bare variable. */
  operator: Operator;
  /** Of a default all its parts, of the others what their operator takes. */
  operands: readonly Part[];
  /** As it is written. */
  text: string;
}

type Operation = Pick<Expression, "operator" | "operands">;

export type Operator = "" | "length" | "default" | "substring" | Case | Removal | Replacement;
/** A mixture of the two signs is read and means nothing. */
type Case = "^" | "^^" | "," | ",," | "^," | ",^";
type Removal = "#" | "##" | "%" | "%%";
type Replacement = "/" | "//" | "/#" | "/%";

/** Expressions within expressions. */
const maxDepth = 50;

const literal = /(?:[^$]+|\$(?!\{)\$?)+/y;
const name = /[\p{L}\p{Nd}_]+/uy;
const untilBrace = /(?:[^$}]+|\$(?!\{))+/y;
const untilColon = /(?:[^$}:]+|\$(?!\{))+/y;
// `$$`, `\/` and `\\` stand for their second character. A closing brace is part of a pattern.
const untilSlash = /(?:[^$/\\]+|\$(?!\{)\$?|\\[\\/]?)+/y;
const untilBraceEscaped = /(?:[^$}\\]+|\$(?!\{)\$?|\\[\\/]?)+/y;

/**
 * Takes a text apart. Outside of expressions `$$` stands for a dollar sign, so that `$${a}` is text; a dollar sign by itself
 * and `$a` are text too.
 *
 * @throws Rejection where an expression is not one; LimitExceeded where there are too many
 */
export function parse(text: string, budget: Budget): Part[] {
  const cursor = createCursor(text);
  const parts: Part[] = [];
  while (cursor.peek() !== "") {
    if (cursor.startsWith("${")) parts.push(parseExpression({ cursor, depth: 1, budget }));
    else parts.push(cursor.take(literal).split("$$").join("$"));
  }
  return parts;
}

interface Start {
  cursor: Cursor;
  depth: number;
  budget: Budget;
}

function parseExpression({ cursor, depth, budget }: Start): Expression {
  budget.spend(workOfExpression);
  if (depth > maxDepth) throw new Rejection(`expressions are nested deeper than ${maxDepth} levels`);
  const start = cursor.position();
  cursor.skip(2);
  const isLength = cursor.peek() === "#";
  if (isLength) cursor.skip(1);
  const variable = cursor.take(name);
  if (variable === "") throw new Rejection(`a ${isLength ? "${#" : "${"} is not followed by a variable name`);
  const operation: Operation = isLength
    ? { operator: "length", operands: [] }
    : parseOperation({ cursor, variable, depth, budget });
  close(cursor, variable);
  return { variable, ...operation, text: cursor.since(start) };
}

interface Reading extends Start {
  variable: string;
}

function parseOperation(reading: Reading): Operation {
  const { cursor } = reading;
  switch (cursor.peek()) {
    case "=":
      cursor.skip(1);
      return { operator: "default", operands: parseDefault(reading) };
    case ":":
      return parseColon(reading);
    case "^":
    case ",":
      return { operator: cursor.take(/[\^,]{1,2}/y) as Case, operands: [] };
    case "#":
    case "%": {
      const operator = cursor.take(/##?|%%?/y) as Removal;
      return { operator, operands: [parseOperand(reading, untilBrace)] };
    }
    case "/":
      return parseReplacement(reading);
    default:
      return { operator: "", operands: [] };
  }
}

/** `:=`, `:-`, `:+` and `:?` are all the same here: what follows is used where the variable is unset or empty. */
function parseColon(reading: Reading): Operation {
  const { cursor } = reading;
  if (cursor.take(/:[=\-+?]/y) !== "") return { operator: "default", operands: parseDefault(reading) };
  cursor.skip(1);
  const operands = [parseOperand(reading, untilColon)];
  if (cursor.take(/:+/y) !== "") operands.push(parseOperand(reading, untilBrace));
  return { operator: "substring", operands };
}

function parseDefault(reading: Reading): Part[] {
  const operands: Part[] = [];
  while (reading.cursor.peek() !== "}") operands.push(parseOperand(reading, untilBrace));
  return operands;
}

function parseReplacement(reading: Reading): Operation {
  const { cursor, variable } = reading;
  const operator = cursor.take(/\/[/#%]?/y) as Replacement;
  const operands = [unescape(parseOperand(reading, untilSlash))];
  if (cursor.take(/\/+/y) === "") throw notUnderstood(variable);
  if (cursor.peek() !== "}") operands.push(unescape(parseOperand(reading, untilBraceEscaped)));
  return { operator, operands };
}

/** Text, or one expression; never nothing. */
function parseOperand({ cursor, variable, depth, budget }: Reading, text: RegExp): Part {
  if (cursor.startsWith("${")) return parseExpression({ cursor, depth: depth + 1, budget });
  const taken = cursor.take(text);
  if (taken === "") throw notUnderstood(variable);
  return taken;
}

function unescape(part: Part): Part {
  return typeof part === "string" ? part.replaceAll(/\$(\$)|\\([\\/])/g, "$1$2") : part;
}

function close(cursor: Cursor, variable: string): void {
  if (cursor.peek() !== "}") throw notUnderstood(variable);
  cursor.skip(1);
}

function notUnderstood(variable: string): Rejection {
  return new Rejection(`invalid or unclosed expression \${${variable}`);
}
