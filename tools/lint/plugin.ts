import { basename } from "node:path";

/*
 * Rules of this house, for what no rule of the linter's own says. Each message tells what to do instead.
 */

interface Node {
  type: string;
  value?: unknown;
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
  sourceCode: { getAllComments: () => Array<Node & { value: string }> };
  report: (problem: { node: Node; message: string }) => void;
}

const vagueNames = ["common", "helper", "helpers", "misc", "type", "types", "util", "utils"];

const namedFiles = {
  create: (context: Context) => ({
    Program: (node: Node) => {
      const [name = ""] = basename(context.filename).split(".");
      if (!vagueNames.includes(name)) return;
      context.report({ node, message: `"${name}" says nothing: name the file by what it does or holds.` });
    },
  }),
};

const reasonedDisables = {
  create: (context: Context) => ({
    Program: () => {
      for (const comment of context.sourceCode.getAllComments()) {
        const isDisable = /^\s*(?:oxlint|eslint)-disable/.test(comment.value);
        if (!isDisable || /\s--\s+\S/.test(comment.value)) continue;
        context.report({ node: comment, message: "Say why the rule does not hold here: `-- reason` at the end." });
      }
    },
  }),
};

const listedExports = {
  create: (context: Context) => ({
    ExportAllDeclaration: (node: Node) => {
      context.report({ node, message: "Name what is exported: a public surface is a list that can be read." });
    },
  }),
};

const logLevels = ["debug", "info", "error"];

const staticLogMessages = {
  create: (context: Context) => ({
    CallExpression: (node: CallNode) => {
      const [message] = node.arguments;
      if (!isLogCall(node) || message === undefined || isPlainText(message)) return;
      context.report({ node: message, message: "Log a plain text, and put what varies into the fields." });
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

export const rules = {
  "listed-exports": listedExports,
  "named-files": namedFiles,
  "reasoned-disables": reasonedDisables,
  "static-log-messages": staticLogMessages,
};

// oxlint-disable-next-line import/no-default-export -- the linter loads a plugin by its default export
export default { meta: { name: "leat" }, rules };
