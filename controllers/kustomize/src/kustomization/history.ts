import { formatDuration, type KustomizationStatus, Reason } from "@leat/api";

type History = NonNullable<KustomizationStatus["history"]>;

export interface Attempted {
  /** Digest of what was built. */
  digest: string;
  /** Reason of the Ready condition that the run ended with. */
  status: string;
  revisions: { revision: string; originRevision?: string };
  startedAt: Date;
}

const maxEntries = 5;

/** The history with one more run, newest first; a run with the digest and status of an earlier one is counted there. */
export function withAttempt(history: History = [], { digest, status, revisions, startedAt }: Attempted): History {
  const now = new Date();
  const at = `${now.toISOString().slice(0, 19)}Z`;
  const same = history.find((entry) => entry.digest === digest && entry.lastReconciledStatus === status);
  const entry = {
    digest,
    firstReconciled: same?.firstReconciled ?? at,
    lastReconciled: at,
    lastReconciledDuration: formatDuration(now.getTime() - startedAt.getTime()),
    lastReconciledStatus: status,
    metadata: revisions,
    totalReconciliations: (same?.totalReconciliations ?? 0) + 1,
  };
  return [entry, ...history.filter((other) => other !== same)].slice(0, maxEntries);
}

/** Whether the last run applied everything of the build with this digest. */
export function wasApplied([last]: History = [], digest: string): boolean {
  return last?.digest === digest && appliedAll.has(last.lastReconciledStatus);
}

/** How runs end that have applied everything. */
const appliedAll: ReadonlySet<string> = new Set([
  Reason.ReconciliationSucceeded,
  Reason.PruneFailed,
  Reason.HealthCheckFailed,
]);
