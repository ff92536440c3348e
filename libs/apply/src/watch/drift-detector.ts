import type { Change } from "@leat/kube";
import { isNewer, type LastApplied, type LiveObject, syncStateOf } from "./sync-state.ts";
import { createKnownObjects, type KnownObjects } from "./known-objects.ts";
import { keyOf } from "./object-key.ts";
import { leavesAlone } from "../objects/object-policies.ts";

/** What is known of the objects of one resource, and who has changed them: we, or others. */
export interface DriftDetector {
  known: KnownObjects;
  /** Takes what the watch has seen. */
  onChange: (change: Change<LiveObject>) => void;
  /**
   * Takes note of a whole list: an object that was known by then and is not in it has gone, also where the watch had never
   * seen it.
   *
   * @param version the list's resourceVersion
   * @param current what the watch has seen last
   */
  onListed: (version: string, current: (key: string) => LiveObject | undefined) => void;
  /**
   * While held, an object is not judged: the answer to our own read or write may come after its event. It is when all have let go.
   *
   * @param current what the watch has seen last
   */
  hold: (key: string, current: (key: string) => LiveObject | undefined) => Disposable;
}

export interface DriftDetectorOptions {
  /** Any write to an object, ours too. */
  onChange: (key: string) => void;
  onDrift: (known: LastApplied, key: string) => void;
}

/** What went away: the version at which it was last there, or at which it was no longer there, by its uid. */
type Gone = Map<string, string>;

interface Held {
  count: number;
  /** Meanwhile. */
  gone: Gone;
}

export function createDriftDetector(options: DriftDetectorOptions): DriftDetector {
  const held = new Map<string, Held>();
  const report = (entry: LastApplied, key: string) => {
    const isNews = !entry.reported;
    entry.reported = true;
    if (isNews) options.onDrift(entry, key);
  };
  const known = createKnownObjects(report);
  const judge = (key: string, live: LiveObject | undefined, gone: Gone) => {
    for (const entry of known.of(key)) {
      if (live === undefined ? isGone(entry, gone) : isDrift(entry, live) && !staysTaken(entry, live, known.of(key))) {
        report(entry, key);
      }
    }
  };
  const judgeGone = (key: string, uid: string, version: string) => {
    const holding = held.get(key);
    if (holding === undefined) judge(key, undefined, new Map([[uid, version]]));
    else holding.gone.set(uid, version);
  };
  return {
    known,
    onChange: ({ before, after }) => {
      const live = after ?? before;
      if (live === undefined) return;
      const key = keyOf(live.metadata);
      if (after === undefined) judgeGone(key, live.uid, live.resourceVersion);
      else if (!held.has(key)) judge(key, after, new Map());
      options.onChange(key);
    },
    onListed: (version, current) => {
      for (const [key, { uid, resourceVersion }] of known.all()) {
        if (!isNewer(resourceVersion, version) && current(key) === undefined) judgeGone(key, uid, version);
      }
    },
    hold: (key, current) => hold(held, key, (gone) => judge(key, current(key), gone)),
  };
}

/** An owner that has lost an object is not told again when it changes among the others. */
function staysTaken({ owner, takenBy }: LastApplied, live: LiveObject, owners: readonly LastApplied[]): boolean {
  return takenBy !== undefined && live.owner !== owner && owners.some((other) => other.owner === live.owner);
}

function hold(held: Map<string, Held>, key: string, onRelease: (gone: Gone) => void): Disposable {
  const holding = held.get(key) ?? { count: 0, gone: new Map() };
  holding.count += 1;
  held.set(key, holding);
  return {
    [Symbol.dispose]: () => {
      holding.count -= 1;
      if (holding.count > 0) return;
      held.delete(key);
      onRelease(holding.gone);
    },
  };
}

/** Our own write comes after what is told here where it has a newer version: the object had gone, and is there again. */
function isGone({ uid, resourceVersion, selfDeleting }: LastApplied, gone: Gone): boolean {
  const version = gone.get(uid);
  return version !== undefined && !isNewer(resourceVersion, version) && !selfDeleting;
}

/** Takes note of what others wrote that is not drift. */
function isDrift(known: LastApplied, live: LiveObject): boolean {
  switch (syncStateOf(known, live, performance.now())) {
    case "drift":
      return !leavesAlone(live.policies);
    case "ambiguous":
      known.ambiguous = true;
      return false;
    case "bookkeeping":
      known.resourceVersion = live.resourceVersion;
      known.generation = live.generation;
      return false;
    case "same":
      // Equal texts of two answers are held once.
      known.uid = live.uid;
      known.resourceVersion = live.resourceVersion;
      known.ours = live.ours;
      return false;
    case "behind":
      return false;
  }
}
