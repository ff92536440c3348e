import { basename } from "node:path";
import { analyse } from "scslre";
import { findDialect } from "./vocabulary.ts";

/* Rules of this project that the linter does not have. Each message says what to do instead. */

interface Node {
  type: string;
  value?: unknown;
  regex?: { pattern: string; flags: string };
  expressions?: unknown[];
}

interface CallNode extends Node {
  callee: { type: string; object?: NamedNode; property?: NamedNode };
  arguments: Node[];
}

interface NamedNode {
  type: string;
  name?: string;
  property?: { name?: string };
}

interface Context {
  filename: string;
  sourceCode: {
    text: string;
    getAllComments: () => Array<Node & { value: string }>;
    getLocFromIndex: (index: number) => Position;
  };
  report: (problem: ({ node: Node } | { loc: { start: Position; end: Position } }) & { message: string }) => void;
}

interface Position {
  line: number;
  column: number;
}

const vagueNames = ["common", "helper", "helpers", "misc", "type", "types", "util", "utils"];

const namedFiles = {
  create: (context: Context) => ({
    Program: (node: Node) => {
      const [name = ""] = basename(context.filename).split(".");
      if (!vagueNames.includes(name)) return;
      context.report({ node, message: `"${name}" is too general: name the file by what it does or contains.` });
    },
  }),
};

const reasonedDisables = {
  create: (context: Context) => ({
    Program: () => {
      for (const comment of context.sourceCode.getAllComments()) {
        const isDisable = /^\s*(?:oxlint|eslint)-disable/.test(comment.value);
        if (!isDisable || /\s--\s+\S/.test(comment.value)) continue;
        context.report({ node: comment, message: "Give the reason for disabling the rule: `-- reason` at the end." });
      }
    },
  }),
};

const listedExports = {
  create: (context: Context) => ({
    ExportAllDeclaration: (node: Node) => {
      context.report({ node, message: "List the exports by name." });
    },
  }),
};

const logLevels = ["debug", "info", "error"];

const staticLogMessages = {
  create: (context: Context) => ({
    CallExpression: (node: CallNode) => {
      const [message] = node.arguments;
      if (!isLogCall(node) || message === undefined || isPlainText(message)) return;
      context.report({ node: message, message: "Log a static message, and put variable parts into fields." });
    },
  }),
};

function isLogCall({ callee }: CallNode): boolean {
  if (callee.type !== "MemberExpression") return false;
  const logger = callee.object?.name ?? callee.object?.property?.name;
  return logger === "log" && logLevels.includes(callee.property?.name ?? "");
}

function isPlainText(node: Node): boolean {
  if (node.type === "TemplateLiteral") return node.expressions?.length === 0;
  return node.type === "Literal" && typeof node.value === "string";
}

const linearPatterns = {
  create: (context: Context) => ({
    Literal: (node: Node) => {
      if (node.regex === undefined || isLinear(node.regex)) return;
      const instead = "anchor it, split it, or write a loop (@leat/text has some)";
      context.report({ node, message: `This pattern takes more than linear time on some texts: ${instead}.` });
    },
  }),
};

/** By the quantifiers that can take the same characters, and by those that are tried again at each offset. */
function isLinear({ pattern, flags }: { pattern: string; flags: string }): boolean {
  return analyse({ source: pattern, flags }).reports.length === 0;
}

const standardTerms = {
  create: (context: Context) => ({
    Program: () => {
      const { text, getLocFromIndex } = context.sourceCode;
      for (const { index, found, instead } of findDialect(text)) {
        const loc = { start: getLocFromIndex(index), end: getLocFromIndex(index + found.length) };
        context.report({ loc, message: `"${found}" is not a standard term: ${instead}.` });
      }
    },
  }),
};

export const rules = {
  "linear-patterns": linearPatterns,
  "listed-exports": listedExports,
  "named-files": namedFiles,
  "reasoned-disables": reasonedDisables,
  "static-log-messages": staticLogMessages,
  vocabulary: standardTerms,
};

// oxlint-disable-next-line import/no-default-export -- the linter loads a plugin by its default export
export default { meta: { name: "leat" }, rules };
