import { ApiError } from "@leat/kube";
import { container, type Controller } from "../cluster/controllers.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type LogLine, parseLogLine } from "./log-line.ts";
import { type ControllerPod, podOf, podsOf } from "./pods.ts";

/** Which part of the logs. */
export interface LogRange {
  since: Date | undefined;
  /** Of each pod. */
  tail: number | undefined;
}

/**
 * The lines of all pods of the controllers so far, in the order of their times.
 *
 * @param onSilent told of a pod that has no log, and why
 */
export async function* readLogs(
  cluster: Cluster,
  controllers: readonly Controller[],
  range: LogRange,
  onSilent: (pod: ControllerPod, why: string) => void,
): AsyncGenerator<LogLine> {
  const { kube, signal, waitFor } = cluster;
  waitFor("the logs of the controllers");
  const lists = await Promise.all(
    controllers.map(async (controller) => {
      const { objects } = await kube.list(podsOf(controller), { signal });
      return objects.map((pod) => podOf(controller, pod));
    }),
  );
  yield* merged(lists.flat().map((pod) => linesOf(cluster, pod, range, onSilent)));
}

async function* linesOf(
  { kube, signal }: Cluster,
  pod: ControllerPod,
  { since, tail }: LogRange,
  onSilent: (pod: ControllerPod, why: string) => void,
): AsyncGenerator<LogLine> {
  const request = { namespace: pod.namespace, pod: pod.name, container, since, tailLines: tail };
  try {
    for await (const lines of kube.logs(request, signal)) {
      for (const line of lines) yield parseLogLine(line, pod.controller);
    }
  } catch (error) {
    // A pod that has not started, or whose node is gone, keeps nobody from reading the others.
    if (!(error instanceof ApiError) || error.code === 401 || error.code === 403) throw error;
    onSilent(pod, error.message);
  }
}

/** Lines of several logs, each of which is in order, in the order of all. */
async function* merged(logs: ReadonlyArray<AsyncGenerator<LogLine>>): AsyncGenerator<LogLine> {
  const heads = await Promise.all(logs.map(async (log) => ({ log, next: await log.next() })));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (!head.next.done && (first === undefined || first.next.done || head.next.value.at < first.next.value.at))
        first = head;
    }
    if (first === undefined || first.next.done) return;
    yield first.next.value;
    first.next = await first.log.next();
  }
}
