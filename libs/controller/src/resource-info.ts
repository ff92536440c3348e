import type { Condition, KubeObject, Resource } from "@leat/api";
import type { StatusBefore } from "./conclude.ts";
import type { Outcome } from "./outcome.ts";

/** How the last run ended that did not make the object ready. */
export interface Shortfall {
  reason: string;
  rejection: string | undefined;
}

/** `undefined` where the object is ready. */
export function shortfallOf(outcome: Outcome<object>): Shortfall | undefined {
  if (outcome.kind === "ready") return undefined;
  return { reason: outcome.reason, rejection: outcome.kind === "failed" ? outcome.rejection : undefined };
}

/**
 * The labels of an object in `gotk_resource_info`: a few words, never a message. What the last run said stays while the next
 * one is under way, where the condition says no more than that work goes on.
 */
export function resourceInfoOf(
  { group, version, kind }: Resource,
  { metadata, spec, status }: KubeObject,
  shortfall: Shortfall | undefined,
): Record<string, string> {
  const { conditions = [] } = (status ?? {}) as StatusBefore;
  const ready = conditions.find(({ type }) => type === "Ready");
  const drifted = conditions.find(({ type }) => type === "Drifted");
  const isReady = ready?.status === "True";
  return withoutEmpty({
    customresource_group: group,
    customresource_version: version,
    customresource_kind: kind,
    exported_namespace: metadata.namespace,
    name: metadata.name,
    ready: ready?.status ?? "Unknown",
    reason: isReady ? undefined : reasonOf(ready, shortfall),
    rejection: isReady ? undefined : shortfall?.rejection,
    drifted: drifted?.status,
    suspended: String((spec as { suspend?: boolean } | undefined)?.suspend === true),
  });
}

function reasonOf(ready: Condition | undefined, shortfall: Shortfall | undefined): string | undefined {
  return shortfall?.reason ?? ready?.reason;
}

function withoutEmpty(labels: Record<string, string | undefined>): Record<string, string> {
  const named = Object.entries(labels).filter((entry): entry is [string, string] => (entry[1] ?? "") !== "");
  return Object.fromEntries(named);
}
