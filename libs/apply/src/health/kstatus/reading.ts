import type { KubeObject } from "@leat/api";
import { isRecord } from "../../fields/json-edit.ts";

/**
 * What an object's own status says of it.
 *
 * - `Current`: the cluster has made of it what it should be.
 * - `InProgress`: on the way there.
 * - `Failed`: on no way there without somebody's help.
 * - `Terminating`: on the way out.
 */
export interface Reading {
  status: "Current" | "InProgress" | "Failed" | "Terminating";
  message: string;
}

export interface ObjectCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

export function current(message: string): Reading {
  return { status: "Current", message };
}

export function inProgress(message: string): Reading {
  return { status: "InProgress", message };
}

export function failed(message: string): Reading {
  return { status: "Failed", message };
}

/** `{}` where there is none. */
export function section(object: KubeObject, field: "spec" | "status"): Record<string, unknown> {
  const value = object[field];
  return isRecord(value) ? value : {};
}

export function numberOf(value: unknown, otherwise = 0): number {
  return typeof value === "number" ? value : otherwise;
}

export function textOf(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

export function conditionOf(object: KubeObject, type: string): ObjectCondition | undefined {
  const { conditions } = section(object, "status");
  const found = (Array.isArray(conditions) ? conditions : []).find(
    (candidate) => isRecord(candidate) && candidate["type"] === type,
  ) as Record<string, unknown> | undefined;
  if (found === undefined) return undefined;
  const { status, reason, message } = found;
  return { type, status: textOf(status), reason: textOf(reason), message: textOf(message) };
}

/** The condition's own words, or others where it has none. */
export function wordsOf(condition: ObjectCondition, otherwise: string): string {
  return condition.message || condition.reason || otherwise;
}
