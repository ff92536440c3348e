import type { KubeObject } from "@leat/api";
import { age } from "./age.ts";
import { conditionOf } from "../cluster/condition-of.ts";
import { oneLine } from "./one-line.ts";
import { shortDigests } from "./short-digests.ts";
import type { Cell } from "./table.ts";

/** One column of a list of objects. */
export interface Column {
  header: string;
  cell: (object: KubeObject) => Cell;
  /** Shown with `-o wide` only. */
  wide?: boolean;
}

/** Follows a path of field names; empty where there is nothing. */
export function textAt(object: KubeObject | undefined, ...path: string[]): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], object);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

export const namespace: Column = { header: "NAMESPACE", cell: ({ metadata }) => metadata.namespace ?? "" };

export const name: Column = { header: "NAME", cell: ({ metadata }) => metadata.name };

export function revisionColumn(path: readonly string[]): Column {
  return { header: "REVISION", cell: (object) => shortDigests(textAt(object, ...path)) };
}

export const suspended: Column = {
  header: "SUSPENDED",
  cell: (object) => (textAt(object, "spec", "suspend") === "true" ? { text: "True", style: "yellow" } : "False"),
};

export const ready: Column = {
  header: "READY",
  cell: (object) => {
    const { status = "False" } = conditionOf(object, "Ready") ?? {};
    return { text: status, style: styles[status] };
  },
};

const styles = { True: "green", False: "red", Unknown: "yellow" } as const;

export const message: Column = {
  header: "MESSAGE",
  cell: (object) => {
    const { message: text = "waiting to be reconciled" } = conditionOf(object, "Ready") ?? {};
    return oneLine(text);
  },
};

export const ageColumn: Column = {
  header: "AGE",
  cell: ({ metadata }) => age(metadata.creationTimestamp),
  wide: true,
};
