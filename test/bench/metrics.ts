import { eventually } from "@leat/testing";

/** The series that a program serves, in the Prometheus text format. */
export function readMetrics(url: string): Promise<string> {
  const ask = async () => {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    return answer.ok ? text : undefined;
  };
  return eventually(ask, { what: `metrics at ${url}`, timeoutMs: 30_000 });
}

/** How often a program has reconciled Kustomizations since its start: Flux's series, which others have too. */
export function reconciledIn(metrics: string): number {
  const counts = /^gotk_reconcile_duration_seconds_count\{([^}]*)\} ([0-9.e+]+)$/gm;
  return [...metrics.matchAll(counts)]
    .filter(([, labels = ""]) => labels.includes('kind="Kustomization"'))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

/** Whether a program has nothing to reconcile now. */
export function isIdleIn(metrics: string): boolean {
  const gauges = /^(?:workqueue_depth|controller_runtime_active_workers)\{[^}]*\} ([0-9.e+]+)$/gm;
  return [...metrics.matchAll(gauges)].every(([, value]) => Number(value) === 0);
}
