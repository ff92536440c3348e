import { hash } from "node:crypto";
import { type CustomHealthCheck, groupOf, type KubeObject } from "@leat/api";
import { compile, type Expression, type Work } from "@leat/cel";
import { current, failed, inProgress, type Reading, section } from "./reading.ts";

/** Readings by somebody's expressions, in the place of those that are built in. */
export interface CustomReadings {
  /** Differs where an expression does: what was read by others says nothing. */
  id: string;
  /** `undefined` for an object whose kind has no expressions. */
  read: (object: KubeObject) => Reading | undefined;
}

export type CustomReadingsOf =
  | { kind: "readings"; readings: CustomReadings }
  /** The message begins with the place in the list: `[1].failed: …`. */
  | { kind: "invalid"; message: string };

/**
 * Reads the expressions of each kind; those of a kind win over those of its whole group. Versions do not matter.
 *
 * @param work what they may cost together with others of the run
 * @throws LimitExceeded
 */
export async function customReadings(checks: readonly CustomHealthCheck[], work?: Work): Promise<CustomReadingsOf> {
  const byKind = new Map<string, Expressions>();
  for (const [index, check] of checks.entries()) {
    const key = keyOf(check);
    if (byKind.has(key)) {
      const what = `${check.kind ?? "all kinds"} of ${groupOf(check.apiVersion) || "the core group"}`;
      return { kind: "invalid", message: `[${index}]: duplicate of an earlier entry for ${what}` };
    }
    const expressions: Expressions = {};
    for (const name of inOrder) {
      const text = check[name];
      if (text === undefined || (text === "" && name !== "current")) continue;
      const compiled = await compile(text, { ...(work && { work }) });
      if (compiled.kind === "invalid") return { kind: "invalid", message: `[${index}].${name}: ${compiled.message}` };
      expressions[name] = compiled.expression;
    }
    byKind.set(key, expressions);
  }
  const readings: CustomReadings = {
    id: hash("sha1", JSON.stringify(checks), "base64url"),
    read: (object) => {
      const group = groupOf(object.apiVersion);
      const expressions = byKind.get(`${group}/${object.kind}`) ?? byKind.get(`${group}/`);
      return expressions && readBy(expressions, object);
    },
  };
  return { kind: "readings", readings };
}

/** In this order they are asked; the first that is true decides. */
const inOrder = ["inProgress", "failed", "current"] as const;

type Expressions = Partial<Record<(typeof inOrder)[number], Expression>>;

function keyOf({ apiVersion, kind = "" }: CustomHealthCheck): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

function readBy(expressions: Expressions, object: KubeObject): Reading {
  const { generation } = object.metadata;
  const { observedGeneration } = section(object, "status");
  if (Number.isInteger(observedGeneration) && generation !== undefined && observedGeneration !== generation) {
    return inProgress(`generation ${generation} is not yet observed: the last was ${Number(observedGeneration)}`);
  }
  for (const name of inOrder) {
    const evaluation = expressions[name]?.evaluate(object);
    // What it needs may still come.
    if (evaluation?.kind === "failed")
      return inProgress(`healthCheckExprs.${name} could not be evaluated: ${evaluation.message}`);
    if (evaluation?.value === true) return makers[name](`healthCheckExprs.${name} evaluated to true`);
  }
  return inProgress("healthCheckExprs.current evaluated to false");
}

const makers = { inProgress, failed, current };
