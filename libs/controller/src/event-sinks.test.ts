import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Http } from "@leat/http";
import { ApiError, type Kube } from "@leat/kube";
import { createLogger } from "@leat/log";
import { createEventSinks } from "./event-sinks.ts";
import type { Emitted } from "./events.ts";
import { createMetrics } from "./metrics.ts";

interface Sinks {
  /** Emits one event and waits for its end. */
  emit: () => Promise<void>;
  /** `message sink address error` of each line of the log. */
  lines: string[];
  /** What the receiver and the API server answer. */
  status: number;
  error: Error | undefined;
  dropped: () => Promise<string[]>;
}

function startSinks(): Sinks {
  const metrics = createMetrics();
  const lines: string[] = [];
  const log = createLogger("info", (line) => {
    const { msg, sink, address = "", error = "" } = JSON.parse(line);
    lines.push([msg, sink, address, error].join(" ").trim());
  });
  const http = { request: async () => ({ status: state.status, bytes: async () => Buffer.alloc(0) }) };
  const kube = {
    create: async () => {
      if (state.error) throw state.error;
    },
  };
  const signal = new AbortController().signal;
  const sinks = createEventSinks("http://me:secret@events.example/hook?token=secret", {
    kube: kube as unknown as Kube,
    http: http as unknown as Http,
    log,
    metrics,
    signal,
  });
  const state: Sinks = {
    lines,
    status: 200,
    error: undefined,
    emit: async () => {
      for (const sink of sinks) sink.emit(event());
      await Promise.all(sinks.map((sink) => sink.flush(AbortSignal.timeout(5000))));
    },
    dropped: async () => (await metrics.text()).split("\n").filter((line) => line.startsWith("leat_events_dropped")),
  };
  return state;
}

suite("event sinks", () => {
  test("the first dropped event is logged with address and cause, and that events are delivered again", async () => {
    const sinks = startSinks();
    for (const status of [200, 404, 404, 200, 429, 403]) {
      sinks.status = status;
      await sinks.emit();
    }
    assert.deepEqual(sinks.lines, [
      "events are dropped events-addr events.example the event receiver responded with HTTP status 404",
      "events are delivered again events-addr events.example",
      "events are dropped events-addr events.example the event receiver responded with HTTP status 403",
    ]);
    assert.ok((await sinks.dropped()).includes('leat_events_dropped_total{sink="events-addr"} 3'));
  });

  test("those that the API server rejects are logged too", async () => {
    const sinks = startSinks();
    sinks.error = new ApiError(403, "Forbidden", "events is forbidden");
    await sinks.emit();
    assert.deepEqual(sinks.lines, ["events are dropped cluster  events is forbidden"]);
  });

  test("those in a namespace that is deleted are of no use to anybody", async () => {
    const sinks = startSinks();
    const causes = [{ field: "", reason: "NamespaceTerminating", message: "" }];
    for (const error of [new ApiError(403, "Forbidden", "", { causes }), new ApiError(404, "NotFound", "")]) {
      sinks.error = error;
      await sinks.emit();
    }
    assert.deepEqual(sinks.lines, []);
    assert.ok((await sinks.dropped()).includes('leat_events_dropped_total{sink="cluster"} 0'));
  });
});

function event(): Emitted {
  const involvedObject = { apiVersion: "v1", kind: "Thing", namespace: "a", name: "b", uid: "c", resourceVersion: "1" };
  return {
    involvedObject,
    type: "Normal",
    reason: "Done",
    message: crypto.randomUUID(),
    metadata: {},
    isRoutine: false,
    at: new Date(),
    reportingController: "x",
    reportingInstance: "y",
  };
}
