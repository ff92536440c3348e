import type { ObjectMeta } from "@leat/api";

/** How one object wants to be treated, by labels or annotations of it. */
export interface Switches {
  /** Neither applied, pruned nor checked for health. */
  ignored: boolean;
  /** Created where it is missing, and then left alone. */
  onlyCreated: boolean;
  /** Fields of other managers stay as they are. */
  merged: boolean;
  /** Outlives its removal from the source. */
  keptOnPrune: boolean;
  /** Recreated where an immutable field changed. */
  forced: boolean;
}

const none: Switches = Object.freeze({
  ignored: false,
  onlyCreated: false,
  merged: false,
  keptOnPrune: false,
  forced: false,
});

/** @param group prefix of the keys: that of the owner's kind */
export function switchesOf(group: string, metadata: ObjectMeta): Switches {
  const { labels, annotations } = metadata;
  const says = (key: string, value: string) =>
    isValue(labels?.[`${group}/${key}`], value) || isValue(annotations?.[`${group}/${key}`], value);
  const switches = {
    ignored: says("reconcile", "disabled") || says("ssa", "ignore"),
    onlyCreated: says("ssa", "ifnotpresent"),
    merged: says("ssa", "merge"),
    keptOnPrune: says("prune", "disabled"),
    forced: says("force", "enabled"),
  };
  // Most objects have none: all of them share one.
  return Object.values(switches).some(Boolean) ? switches : none;
}

/** A switch counts where it is set on the object in the source or on the one in the cluster. */
export function eitherOf(a: Switches, b: Switches | undefined): Switches {
  if (b === undefined || b === none) return a;
  return {
    ignored: a.ignored || b.ignored,
    onlyCreated: a.onlyCreated || b.onlyCreated,
    merged: a.merged || b.merged,
    keptOnPrune: a.keptOnPrune || b.keptOnPrune,
    forced: a.forced || b.forced,
  };
}

/** Whether an object with these switches is not applied over what is there. */
export function leavesAlone({ ignored, onlyCreated }: Switches): boolean {
  return ignored || onlyCreated;
}

function isValue(given: unknown, wanted: string): boolean {
  return typeof given === "string" && given.toLowerCase() === wanted;
}
