import type { KubeObject } from "@leat/api";

/** Who may act, as coordination.k8s.io/v1 has it and as client-go's leader election reads and writes it. */
export interface LeaseRecord {
  /** Empty after a release. */
  holderIdentity: string;
  leaseDurationSeconds: number;
  /** MicroTime: RFC 3339 with six decimals. */
  acquireTime: string;
  renewTime: string;
  /** How often the holder has changed. */
  leaseTransitions: number;
}

export function recordOf(lease: KubeObject): LeaseRecord {
  const spec = (lease["spec"] ?? {}) as Partial<LeaseRecord>;
  const {
    holderIdentity = "",
    leaseDurationSeconds = 0,
    acquireTime = "",
    renewTime = "",
    leaseTransitions = 0,
  } = spec;
  return { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions };
}

/** The record once `identity` holds the lease; times of a holder that renews stay as they are. */
export function takenRecord(before: LeaseRecord | undefined, identity: string, leaseMs: number): LeaseRecord {
  const now = microTime();
  const isRenewal = before?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(leaseMs / 1000)),
    acquireTime: isRenewal ? before.acquireTime : now,
    renewTime: now,
    leaseTransitions: before === undefined || isRenewal ? (before?.leaseTransitions ?? 0) : before.leaseTransitions + 1,
  };
}

/** Free for anyone at once. */
export function releasedRecord(before: LeaseRecord): LeaseRecord {
  const now = microTime();
  return { ...before, holderIdentity: "", leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
}

function microTime(): string {
  return new Date().toISOString().replace("Z", "000Z");
}
