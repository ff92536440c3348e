/** A metric, as registered and documented. */
export interface MetricDefinition {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  labels: readonly string[];
  /** Upper bounds of a histogram, in seconds. */
  buckets?: readonly number[];
}

/** 10 ms to 1800 s in ten exponential steps, as in Flux. */
const runBuckets = Array.from({ length: 10 }, (_, step) => 0.01 * 180_000 ** (step / 9));
const waitBuckets = [0.001, 0.01, 0.1, 1, 10, 100];

const controller = ["controller"];
const queue = ["name", "controller"];

/** Metrics of every controller. Names are those of Flux and controller-runtime if they have one. */
export const metricCatalogue = {
  resourceInfo: gauge(
    "gotk_resource_info",
    "1 per object; the labels are its state. In a namespace of more than 50, a series without a name counts the others.",
    [
      "customresource_group",
      "customresource_version",
      "customresource_kind",
      "exported_namespace",
      "name",
      "ready",
      "reason",
      "rejection",
      "drifted",
      "suspended",
    ],
  ),
  reconcileDuration: histogram(
    "gotk_reconcile_duration_seconds",
    "Duration of the reconciliations of the objects of a namespace.",
    ["kind", "namespace"],
    runBuckets,
  ),
  programReady: gauge(
    "leat_program_ready",
    "1 if the replica is active: it is the leader and has listed the objects that it watches. 0 while it starts or is on standby.",
    ["program", "shard"],
  ),
  leader: gauge("leader_election_master_status", "1 if this replica is the leader. Absent without leader election.", [
    "name",
  ]),
  eventsDropped: counter("leat_events_dropped_total", "Dropped events.", ["sink"]),
  reconcileTime: histogram(
    "controller_runtime_reconcile_time_seconds",
    "Duration of a reconciliation.",
    controller,
    runBuckets,
  ),
  reconcileTotal: counter("controller_runtime_reconcile_total", "Reconciliations.", ["controller", "result"]),
  reconcileErrors: counter("controller_runtime_reconcile_errors_total", "Failed reconciliations.", controller),
  terminalErrors: counter(
    "controller_runtime_terminal_reconcile_errors_total",
    "Failed reconciliations that are not retried until the object changes.",
    controller,
  ),
  activeWorkers: gauge("controller_runtime_active_workers", "Running reconciliations.", controller),
  mostWorkers: gauge(
    "controller_runtime_max_concurrent_reconciles",
    "Maximum number of concurrent reconciliations.",
    controller,
  ),
  depth: gauge("workqueue_depth", "Queued objects.", queue),
  adds: counter("workqueue_adds_total", "Objects added to the queue.", queue),
  retries: counter("workqueue_retries_total", "Objects added to the queue again after a failure.", queue),
  waited: histogram("workqueue_queue_duration_seconds", "Time of an object in the queue.", queue, waitBuckets),
  worked: histogram("workqueue_work_duration_seconds", "Duration of a reconciliation.", queue, runBuckets),
  longestRun: gauge(
    "workqueue_longest_running_processor_seconds",
    "Duration of the longest running reconciliation.",
    queue,
  ),
  unfinished: gauge("workqueue_unfinished_work_seconds", "Total duration of all running reconciliations.", queue),
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
