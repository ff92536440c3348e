import { core } from "@leat/api";
import type { LogRequest } from "./kube.ts";
import { readLines } from "./lines.ts";
import { objectPath, withQuery } from "./path.ts";
import type { Transport } from "./transport.ts";

/** The lines of a container's log, those of one chunk at a time. */
export async function* readLogs(
  transport: Transport,
  headers: Record<string, string>,
  { namespace, pod, container, follow = false, since, tailLines }: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  const query = {
    container,
    follow: follow || undefined,
    timestamps: true,
    sinceTime: since?.toISOString(),
    tailLines,
  };
  const path = withQuery(objectPath({ resource: core.Pod, namespace, name: pod }, "log"), query);
  const request = { verb: "get", resource: "pods", method: "GET", path, headers, repeatable: true } as const;
  yield* readLines(await transport.stream(request, signal));
}
