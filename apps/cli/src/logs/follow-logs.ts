import { setTimeout as pause } from "node:timers/promises";
import { ApiError } from "@leat/kube";
import { container, type Controller } from "../cluster/controllers.ts";
import { follow } from "../cluster/follow.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type LogLine, parseLogLine } from "./log-line.ts";
import { type ControllerPod, podOf, podsOf } from "./pods.ts";
import type { LogRange } from "./read-logs.ts";

const pauseMs = 1_000;

/** Gives the lines of all pods of the controllers, also of those that start later, as they come, until the signal aborts. */
export async function followLogs(
  cluster: Cluster,
  controllers: readonly Controller[],
  range: LogRange,
  write: (line: LogLine) => void,
): Promise<void> {
  const stop = new AbortController();
  const stoppable = { ...cluster, signal: AbortSignal.any([cluster.signal, stop.signal]) };
  const end = (error: unknown) => stop.abort(error);
  const following = controllers.map(async (controller) => {
    const known = new Set<string>();
    for await (const changes of follow(stoppable, podsOf(controller))) {
      for (const { object, gone } of changes) {
        const { uid = "" } = object.metadata;
        if (gone || known.has(uid)) continue;
        known.add(uid);
        followPod(stoppable, podOf(controller, object), range, write).catch(end);
      }
    }
  });
  try {
    await Promise.all(following);
  } finally {
    stop.abort();
  }
}

/** Goes on where the last connection ended, until the pod is gone. */
async function followPod(
  { kube, signal }: Cluster,
  { controller, namespace, name: pod }: ControllerPod,
  { since, tail }: LogRange,
  write: (line: LogLine) => void,
): Promise<void> {
  let last = "";
  const take = (line: LogLine) => {
    // The position is one of seconds: what was written within the last one comes again.
    if (line.at <= last) return;
    last = line.at;
    write(line);
  };
  while (!signal.aborted) {
    const position = last === "" ? { since, tailLines: tail } : { since: new Date(`${last.slice(0, 19)}Z`) };
    try {
      const log = kube.logs({ namespace, pod, container, follow: true, ...position }, signal);
      for await (const lines of log) lines.map((line) => parseLogLine(line, controller)).forEach(take);
    } catch (error) {
      if (signal.aborted || isGone(error)) return;
      if (error instanceof ApiError && [401, 403].includes(error.code)) throw error;
      // A pod that has not started, a server that had nothing to send in time, a connection that broke.
    }
    await pause(pauseMs, undefined, { signal }).catch(() => {});
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}
