/** A metric as it is registered and documented. */
export interface MetricDefinition {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  labels: readonly string[];
  /** Upper bounds of a histogram, in seconds. */
  buckets?: readonly number[];
}

/** 10 ms to 1800 s in ten exponential steps, as Flux has them. */
const runBuckets = Array.from({ length: 10 }, (_, step) => 0.01 * 180_000 ** (step / 9));
const waitBuckets = [0.001, 0.01, 0.1, 1, 10, 100];

const controller = ["controller"];
const queue = ["name", "controller"];

/** What every controller serves. Names are those of Flux and controller-runtime where these have one. */
export const metricCatalogue = {
  resourceInfo: gauge("gotk_resource_info", "Always 1, once for each object; its labels say in which state it is.", [
    "customresource_group",
    "customresource_version",
    "customresource_kind",
    "exported_namespace",
    "name",
    "ready",
    "reason",
    "refusal",
    "drifted",
    "suspended",
  ]),
  reconcileDuration: histogram(
    "gotk_reconcile_duration_seconds",
    "Duration of the reconciliations of an object.",
    ["kind", "name", "namespace"],
    runBuckets,
  ),
  programReady: gauge(
    "leat_program_ready",
    "Whether the program acts: 1 once it leads and has listed what it follows, 0 while it starts or stands by.",
    ["program", "shard"],
  ),
  leader: gauge("leader_election_master_status", "Whether this replica leads, where there is an election.", ["name"]),
  eventsDropped: counter("leat_events_dropped_total", "Events that were given up.", ["sink"]),
  reconcileTime: histogram(
    "controller_runtime_reconcile_time_seconds",
    "Duration of a reconciliation.",
    controller,
    runBuckets,
  ),
  reconcileTotal: counter("controller_runtime_reconcile_total", "Reconciliations.", ["controller", "result"]),
  reconcileErrors: counter("controller_runtime_reconcile_errors_total", "Reconciliations that failed.", controller),
  terminalErrors: counter(
    "controller_runtime_terminal_reconcile_errors_total",
    "Reconciliations that failed and are not tried again before the object changes.",
    controller,
  ),
  activeWorkers: gauge("controller_runtime_active_workers", "Reconciliations under way.", controller),
  mostWorkers: gauge("controller_runtime_max_concurrent_reconciles", "Most reconciliations at a time.", controller),
  depth: gauge("workqueue_depth", "Objects that wait for a reconciliation.", queue),
  adds: counter("workqueue_adds_total", "Times that an object was queued.", queue),
  retries: counter("workqueue_retries_total", "Times that an object was queued again because it had failed.", queue),
  waited: histogram("workqueue_queue_duration_seconds", "Time that an object waited.", queue, waitBuckets),
  worked: histogram("workqueue_work_duration_seconds", "Time that a reconciliation took.", queue, runBuckets),
  longestRun: gauge(
    "workqueue_longest_running_processor_seconds",
    "How long the longest reconciliation under way has lasted.",
    queue,
  ),
  unfinished: gauge("workqueue_unfinished_work_seconds", "How long all reconciliations under way have lasted.", queue),
  requests: counter("rest_client_requests_total", "Requests to the API server.", ["code", "method"]),
} as const satisfies Record<string, MetricDefinition>;

function counter(name: string, help: string, labels: readonly string[]): MetricDefinition {
  return { name, type: "counter", help, labels };
}

function gauge(name: string, help: string, labels: readonly string[]): MetricDefinition {
  return { name, type: "gauge", help, labels };
}

function histogram(
  name: string,
  help: string,
  labels: readonly string[],
  buckets: readonly number[],
): MetricDefinition {
  return { name, type: "histogram", help, labels, buckets };
}
