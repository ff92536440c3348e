import { type Kustomization, parseDuration } from "@leat/api";

const floorMs = 30_000;

export function intervalOf({ spec }: Kustomization): number {
  return parseDuration(spec.interval);
}

/** Fixed delay after a failure. */
export function retryIntervalOf(object: Kustomization): number {
  return object.spec.retryInterval === undefined ? intervalOf(object) : parseDuration(object.spec.retryInterval);
}

/** Limit of a run: what it may wait, and half a minute for the rest; none where the object has no `spec.timeout`. */
export function runTimeoutOf(object: Kustomization): number | undefined {
  return object.spec.timeout === undefined ? undefined : timeoutOf(object) + floorMs;
}

/** Limit of the waits of a run: by default the interval less 30 s, and never under 30 s by default. */
export function timeoutOf(object: Kustomization): number {
  return object.spec.timeout === undefined
    ? Math.max(intervalOf(object) - floorMs, floorMs)
    : parseDuration(object.spec.timeout);
}
