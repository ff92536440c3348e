import { setTimeout as pause } from "node:timers/promises";
import { core, Fault, type KubeObject } from "@leat/api";
import { ApiError } from "./api-error.ts";
import type { Kube } from "./kube.ts";
import { recordOf, releasedRecord, takenRecord } from "./lease-record.ts";

export interface LeaseOptions {
  namespace: string;
  name: string;
  /** Who we are; no two processes may have the same. */
  identity: string;
  /** How long others wait for a holder that has fallen silent; 35 s where absent. */
  leaseMs?: number | undefined;
  /** How long a holder tries to renew before it counts its lease as lost; less than `leaseMs`. 30 s where absent. */
  renewMs?: number | undefined;
  /** Pause between two looks or renewals; 5 s where absent. */
  retryMs?: number | undefined;
  /** Ends the waiting. A lease that is held is given back by disposing of it. */
  signal: AbortSignal;
  /** The lease is lost: whatever it protects has to stop at once. Called once at most, and never after the disposal. */
  onLost: (error: Fault) => void;
}

/** The right to act alone, until `onLost` is called. Disposing of it stops renewing and lets the next one in at once. */
export interface Lease extends AsyncDisposable {
  readonly identity: string;
}

type Settings = Required<{ [Key in keyof LeaseOptions]: NonNullable<LeaseOptions[Key]> }>;

const fieldManager = "leat-leader-election";

/**
 * Waits until this process holds a Lease, then keeps renewing it. Understands and is understood by client-go's leader
 * election. Other clocks are not trusted: a holder is taken for dead when its record has not changed for its duration by
 * our own clock.
 *
 * @throws the signal's reason when it aborts before the lease is held
 * @throws ApiError where we may not have a Lease, or its namespace does not exist
 */
export async function holdLease(kube: Kube, options: LeaseOptions): Promise<Lease> {
  const settings: Settings = {
    ...options,
    leaseMs: options.leaseMs ?? 35_000,
    renewMs: options.renewMs ?? 30_000,
    retryMs: options.retryMs ?? 5_000,
  };
  if (settings.renewMs >= settings.leaseMs || settings.retryMs >= settings.renewMs) {
    throw new Fault("InvalidLease", "leader election requires: retry period < renew deadline < lease duration");
  }
  const held = await acquire(kube, settings);
  return keep(kube, settings, held);
}

/** A lease of ours: the object as last written, and when we began to write it. */
interface Held {
  lease: KubeObject;
  renewedAt: number;
}

interface Observation {
  record: string;
  since: number;
}

async function acquire(kube: Kube, settings: Settings): Promise<Held> {
  const { retryMs, signal } = settings;
  let seen: Observation | undefined;
  for (;;) {
    signal.throwIfAborted();
    try {
      const lease = await kube.get({ resource: core.Lease, ...settings }, { signal, timeoutMs: settings.renewMs });
      seen = observe(seen, lease);
      if (isFree(seen, lease, settings))
        return await write(kube, settings, { lease, timeoutMs: settings.renewMs, signal });
    } catch (error) {
      // Another was quicker, or the server is not there: the next look tells. A missing right or namespace must show.
      if (signal.aborted) throw signal.reason;
      if (error instanceof ApiError && [400, 401, 403, 404, 422].includes(error.code)) throw error;
    }
    await jitteredPause(retryMs, signal);
  }
}

function observe(seen: Observation | undefined, lease: KubeObject | undefined): Observation {
  const record = JSON.stringify(lease?.["spec"] ?? {});
  return seen?.record === record ? seen : { record, since: performance.now() };
}

function isFree(seen: Observation, lease: KubeObject | undefined, { identity }: Settings): boolean {
  if (lease === undefined) return true;
  const { holderIdentity, leaseDurationSeconds } = recordOf(lease);
  if (holderIdentity === "" || holderIdentity === identity) return true;
  return performance.now() - seen.since > leaseDurationSeconds * 1000;
}

interface Writing {
  /** As last read; `undefined` where there is none yet. */
  lease: KubeObject | undefined;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Takes or renews. A resourceVersion that is no longer the newest is a conflict, so that only one of many succeeds. */
async function write(kube: Kube, settings: Settings, { lease, timeoutMs, signal }: Writing): Promise<Held> {
  const renewedAt = performance.now();
  const { namespace, name, identity, leaseMs } = settings;
  const spec = takenRecord(lease && recordOf(lease), identity, leaseMs);
  const call = { fieldManager, timeoutMs, signal };
  if (lease !== undefined) return { lease: await kube.replace(core.Lease, { ...lease, spec }, call), renewedAt };
  const first = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name }, spec };
  return { lease: await kube.create(core.Lease, first, call), renewedAt };
}

function keep(kube: Kube, settings: Settings, first: Held): Lease {
  const stop = new AbortController();
  let held = first;
  const renewing = (async () => {
    for (;;) {
      await pause(settings.retryMs, undefined, { signal: stop.signal });
      held = await renew(kube, settings, held, stop.signal);
    }
  })().catch((error: unknown) => {
    if (stop.signal.aborted) return;
    stop.abort();
    settings.onLost(lostFault(settings, error));
  });
  return {
    identity: settings.identity,
    [Symbol.asyncDispose]: async () => {
      const isHeld = !stop.signal.aborted;
      stop.abort();
      await renewing;
      if (isHeld) await release(kube, settings, held.lease);
    },
  };
}

/** Tries until the renew deadline. @throws what the last attempt threw */
async function renew(kube: Kube, settings: Settings, held: Held, signal: AbortSignal): Promise<Held> {
  let { lease } = held;
  for (;;) {
    const leftMs = held.renewedAt + settings.renewMs - performance.now();
    if (leftMs <= 0) throw new Fault("LeaseLost", "renew deadline exceeded");
    try {
      // Half of what is left, so that a connection that died leaves time for another attempt.
      return await write(kube, settings, { lease, timeoutMs: Math.max(100, leftMs / 2), signal });
    } catch (error) {
      if (signal.aborted || performance.now() - held.renewedAt >= settings.renewMs) throw error;
      lease = await afterConflict(kube, settings, { error, lease, signal });
      await jitteredPause(Math.min(settings.retryMs, 1_000), signal);
    }
  }
}

/** The lease to try again with. @throws Fault `LeaseLost` where another holds it, or it is gone */
async function afterConflict(
  kube: Kube,
  settings: Settings,
  { error, lease, signal }: { error: unknown; lease: KubeObject; signal: AbortSignal },
): Promise<KubeObject> {
  if (!(error instanceof ApiError && (error.code === 409 || error.code === 404))) return lease;
  // Our own write may have arrived although its answer did not.
  const now = await kube
    .get({ resource: core.Lease, ...settings }, { signal, timeoutMs: settings.retryMs })
    .catch(() => lease);
  const holder = now === undefined ? "" : recordOf(now).holderIdentity;
  if (now === undefined || holder !== settings.identity)
    throw new Fault("LeaseLost", holder ? `${holder} holds it now` : "it was deleted");
  return now;
}

async function release(kube: Kube, settings: Settings, last: KubeObject): Promise<void> {
  const call = { timeoutMs: settings.retryMs };
  let lease: KubeObject | undefined = last;
  try {
    // A renewal that was cut off may have arrived all the same, so that a second look is needed.
    for (let attempt = 0; attempt < 2 && lease !== undefined; attempt += 1) {
      const record = recordOf(lease);
      if (record.holderIdentity !== settings.identity) return;
      const free = { ...lease, spec: releasedRecord(record) };
      if (await isReplaced(kube.replace(core.Lease, free, { fieldManager, ...call }))) return;
      lease = await kube.get({ resource: core.Lease, ...settings }, call);
    }
  } catch {
    // Nobody is harmed: the next one waits until the lease has run out.
  }
}

async function isReplaced(replacing: Promise<unknown>): Promise<boolean> {
  try {
    await replacing;
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.code === 409) return false;
    throw error;
  }
}

function lostFault({ namespace, name }: Settings, cause: unknown): Fault {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Fault("LeaseLost", `the Lease ${namespace}/${name} is lost: ${why}`, { cause });
}

async function jitteredPause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms * (1 + Math.random() / 5), undefined, { signal });
  } catch {
    throw signal.reason;
  }
}
