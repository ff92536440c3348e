import { isDeepStrictEqual } from "node:util";
import { type Artifact, isTrue, type Kustomization } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import { sourceOf } from "./source.ts";
import { timeoutOf } from "./timing.ts";

/**
 * The Kustomizations of a namespace that use the same source: a commit may move an object from one to another. The one that
 * loses it must not delete it before the other one had the chance to take it over.
 */
export interface Siblings extends Disposable {
  /** The Kustomization has reconciled this artifact: what it declares is applied, or was rejected. */
  reconciled: (object: Kustomization, artifact: Artifact) => void;
  /**
   * Whether the Kustomization has to wait for others before it deletes what it no longer declares. It is triggered when they
   * have reconciled the artifact, and after `spec.timeout` or five minutes at the latest.
   *
   * @param appliesSiblings it has just applied Kustomizations, which the watch may not have seen yet
   */
  isAwaiting: (object: Kustomization, artifact: Artifact, appliesSiblings: boolean) => boolean;
  forget: (key: ObjectKey) => void;
}

export interface SiblingsOptions {
  /** All Kustomizations of the controller. */
  list: () => Iterable<Kustomization>;
  trigger: (key: ObjectKey) => void;
  longestMs?: number;
}

interface Wait {
  object: Kustomization;
  artifact: Artifact;
  /** On the clock of `performance.now()`. */
  until: number;
  /** The first one that is late; absent while the watch may not have seen all. */
  blockedBy: string | undefined;
}

const longestWaitMs = 5 * 60_000;
// The watch is late by milliseconds.
const settlingMs = 1_000;

export function createSiblings({ list, trigger, longestMs = longestWaitMs }: SiblingsOptions): Siblings {
  const done = new Map<string, string>();
  const waits = createWaits(trigger);

  function firstLate(object: Kustomization, artifact: Artifact): string | undefined {
    for (const other of list()) {
      const key = keyOf(other.metadata);
      if (isSibling(object, other) && done.get(key) !== stampOf(other, artifact)) return key;
    }
    return undefined;
  }

  return {
    reconciled: (object, artifact) => {
      const key = keyOf(object.metadata);
      done.set(key, stampOf(object, artifact));
      waits.release(key, firstLate);
    },
    isAwaiting: (object, artifact, appliesSiblings) => {
      const blockedBy = appliesSiblings ? undefined : firstLate(object, artifact);
      const isLate = appliesSiblings || blockedBy !== undefined;
      const until = performance.now() + Math.min(timeoutOf(object), longestMs);
      if (isLate) return waits.begin({ object, artifact, blockedBy, until });
      waits.end(keyOf(object.metadata));
      return false;
    },
    forget: (gone) => {
      const key = keyOf(gone);
      done.delete(key);
      waits.end(key);
      waits.release(key, firstLate);
    },
    [Symbol.dispose]: waits.dispose,
  };
}

function createWaits(trigger: SiblingsOptions["trigger"]) {
  const waiting = new Map<string, Wait & { timer: NodeJS.Timeout | undefined }>();

  function end(key: string): void {
    clearTimeout(waiting.get(key)?.timer);
    waiting.delete(key);
  }

  function triggerAfter({ object, blockedBy }: Wait, leftMs: number): NodeJS.Timeout {
    return setTimeout(() => trigger(object.metadata), blockedBy === undefined ? settlingMs : leftMs).unref();
  }

  return {
    /** @returns whether there is time left: a wait for the same artifact has one end */
    begin: (next: Wait): boolean => {
      const key = keyOf(next.object.metadata);
      const known = waiting.get(key);
      clearTimeout(known?.timer);
      const isSame = known && stampOf(known.object, known.artifact) === stampOf(next.object, next.artifact);
      const until = isSame ? known.until : next.until;
      const leftMs = until - performance.now();
      const timer = leftMs > 0 ? triggerAfter(next, leftMs) : undefined;
      waiting.set(key, { ...next, until, timer });
      return timer !== undefined;
    },
    end,
    /** Triggers those that were waiting for this one alone. */
    release: (by: string, firstLate: (object: Kustomization, artifact: Artifact) => string | undefined): void => {
      for (const [key, entry] of waiting) {
        if (entry.blockedBy !== by) continue;
        entry.blockedBy = firstLate(entry.object, entry.artifact);
        if (entry.blockedBy !== undefined) continue;
        end(key);
        trigger(entry.object.metadata);
      }
    },
    dispose: (): void => {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}

/** Whether the other one may take over an object. */
function isSibling({ metadata, spec }: Kustomization, other: Kustomization): boolean {
  if (other.metadata.namespace !== metadata.namespace || other.metadata.name === metadata.name) return false;
  if (other.spec.suspend || other.metadata.deletionTimestamp !== undefined) return false;
  // One that was just declared has no status.
  const { status }: Partial<Kustomization> = other;
  if (isTrue(status?.conditions, "Stalled")) return false;
  return sourceOf(other) === sourceOf({ metadata, spec }) && isDeepStrictEqual(other.spec.kubeConfig, spec.kubeConfig);
}

function keyOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}

function stampOf({ metadata }: Kustomization, { revision, digest }: Artifact): string {
  return `${metadata.uid} ${metadata.generation} ${revision} ${digest}`;
}
