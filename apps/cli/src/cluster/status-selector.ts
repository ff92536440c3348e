import type { KubeObject } from "@leat/api";
import { InvalidArgumentError } from "commander";
import { conditionsOf } from "./condition-of.ts";

export type Filter = (object: KubeObject) => boolean;

/**
 * A filter by what objects say of themselves: `ready=false`, `stalled!=true`; types and values in any case. Values are those
 * of conditions: true, false and unknown.
 *
 * @throws InvalidArgumentError for what is not written like that
 */
export function statusFilter(text: string): Filter {
  const [, type = "", operator, wanted = ""] = /^([^=!]+)(!?=)(true|false|unknown)$/i.exec(text) ?? [];
  if (operator === undefined) throw new InvalidArgumentError("Write it like ready=false or stalled!=true.");
  return (object) => (statusOf(object, type.toLowerCase()) === wanted.toLowerCase()) === (operator === "=");
}

/** What was never reconciled is not ready, as in the column. */
function statusOf(object: KubeObject, type: string): string {
  const found = conditionsOf(object).find((condition) => condition.type.toLowerCase() === type);
  if (found !== undefined) return found.status.toLowerCase();
  return type === "ready" ? "false" : "";
}
