import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import { createClusterEvents } from "./cluster-events.ts";
import type { Emitted } from "./events.ts";

test("routine events are not written to the cluster", async () => {
  const written: unknown[] = [];
  const create = async (_: unknown, object: KubeObject) => {
    written.push(object["message"]);
    return object;
  };
  const signal = new AbortController().signal;
  const events = createClusterEvents({ create } as unknown as Kube, {
    signal,
    onDelivered: () => {},
    onDropped: () => assert.fail(),
  });
  events.emit(event("routine", true));
  events.emit(event("news", false));
  await events.flush(signal);
  assert.deepEqual(written, ["news"]);
});

function event(message: string, isRoutine: boolean): Emitted {
  const involvedObject = {
    apiVersion: "v1",
    kind: "Kustomization",
    namespace: "team",
    name: "app",
    uid: "1",
    resourceVersion: "1",
  };
  const reporting = { reportingController: "kustomize-controller", reportingInstance: "pod" };
  return {
    involvedObject,
    type: "Normal",
    reason: "R",
    message,
    metadata: {},
    isRoutine,
    at: new Date(),
    ...reporting,
  };
}
