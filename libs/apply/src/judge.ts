import type { Change } from "@leat/kube";
import { type Known, type Live, standingOf } from "./live.ts";
import { keyOf } from "./place.ts";

/** What is known of the objects of one resource, and who has changed them: we, or others. */
export interface Judge {
  known: Map<string, Known>;
  /** Takes what the watch has seen. */
  onChange: (change: Change<Live>) => void;
  /**
   * While held, an object is not judged: the answer to our own write may come after its event. It is when all have let go.
   *
   * @param current what the watch has seen last
   */
  hold: (key: string, current: () => Live | undefined) => Disposable;
}

export interface JudgeOptions {
  /** Any write to an object, ours too. */
  onChange: (key: string) => void;
  onDrift: (known: Known, key: string) => void;
}

interface Held {
  count: number;
  /** uids of what went away meanwhile. */
  gone: Set<string>;
}

export function createJudge(options: JudgeOptions): Judge {
  const known = new Map<string, Known>();
  const held = new Map<string, Held>();
  const report = (key: string, entry: Known) => {
    if (entry.reported) return;
    entry.reported = true;
    options.onDrift(entry, key);
  };
  const judge = (key: string, live: Live | undefined, gone: ReadonlySet<string>) => {
    const entry = known.get(key);
    if (entry === undefined) return;
    if (live === undefined ? gone.has(entry.uid) && !entry.vanishes : isDrift(entry, live)) report(key, entry);
  };
  return {
    known,
    onChange: ({ before, after }) => {
      const live = after ?? before;
      if (live === undefined) return;
      const key = keyOf(live.metadata);
      const holding = held.get(key);
      if (holding === undefined) judge(key, after, new Set([live.uid]));
      else if (after === undefined) holding.gone.add(live.uid);
      options.onChange(key);
    },
    hold: (key, current) => {
      const holding = held.get(key) ?? { count: 0, gone: new Set() };
      holding.count += 1;
      held.set(key, holding);
      return {
        [Symbol.dispose]: () => {
          holding.count -= 1;
          if (holding.count > 0) return;
          held.delete(key);
          judge(key, current(), holding.gone);
        },
      };
    },
  };
}

/** Takes note of what others wrote that is no drift. */
function isDrift(known: Known, live: Live): boolean {
  switch (standingOf(known, live, performance.now())) {
    case "drift":
      return !live.switches.ignored;
    case "unproven":
      known.unproven = true;
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
