import { subjectOf } from "@leat/apply";
import { oneLine } from "../terminal/one-line.ts";
import type { Terminal, TextStyle } from "../terminal/terminal.ts";
import type { TreeNode } from "./tree.ts";

type Style = Terminal["style"];

/** A tree for people, and what it comes to. */
export function treeLines(root: TreeNode, style: Style): string[] {
  return [lineOf(root, style), ...below(root, "", style), "", summaryOf(root)];
}

function* below({ children = [] }: TreeNode, indent: string, style: Style): Generator<string> {
  for (const [index, child] of children.entries()) {
    const isLast = index === children.length - 1;
    yield `${indent}${isLast ? "└── " : "├── "}${lineOf(child, style)}`;
    yield* below(child, `${indent}${isLast ? "    " : "│   "}`, style);
  }
}

const marks: Readonly<Record<TreeNode["status"], [mark: string, style: TextStyle]>> = {
  Current: ["✓", "green"],
  InProgress: ["…", "yellow"],
  Terminating: ["…", "yellow"],
  Failed: ["✗", "red"],
  NotFound: ["✗", "red"],
  Unknown: ["?", "yellow"],
};

/** Of what is as it should be and applies nothing, the name says enough. */
function lineOf(node: TreeNode, style: Style): string {
  const { status, message, suspended, children } = node;
  const [mark, colour] = marks[status];
  const isPlain = status === "Current" && children === undefined;
  const said = [
    ...(suspended ? [style("yellow", "suspended")] : []),
    ...(isPlain ? [] : [style("dim", oneLine(message))]),
  ];
  return [style(colour, mark), subjectOf(node), ...said].join(" ");
}

const words: Readonly<Record<TreeNode["status"], string>> = {
  Current: "current",
  InProgress: "in progress",
  Terminating: "terminating",
  Failed: "failed",
  NotFound: "missing",
  Unknown: "unknown",
};

function summaryOf(root: TreeNode): string {
  const counts = new Map<TreeNode["status"], number>();
  let total = 0;
  const count = ({ children = [] }: TreeNode) => {
    for (const child of children) {
      total++;
      counts.set(child.status, (counts.get(child.status) ?? 0) + 1);
      count(child);
    }
  };
  count(root);
  const parts = Object.entries(words).flatMap(([status, word]) => {
    const ofStatus = counts.get(status as TreeNode["status"]);
    return ofStatus === undefined ? [] : [`${ofStatus} ${word}`];
  });
  return `${total} object${total === 1 ? "" : "s"}${total === 0 ? "" : `: ${parts.join(", ")}`}`;
}
