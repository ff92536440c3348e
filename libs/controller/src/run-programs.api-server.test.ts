/** The runtime on a real API server, with a reconciler that each test writes for itself. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { type Condition, core, Fault, GitRepository, type KubeObject, requestedAtAnnotation } from "@leat/api";
import type { Kube } from "@leat/kube";
import { createLogger } from "@leat/log";
import {
  createTestNamespace,
  type EventReceiver,
  eventually,
  freePort,
  sharedControlPlane,
  startEventReceiver,
} from "@leat/testing";
import * as z from "zod";
import { connectToCluster } from "../test/cluster.ts";
import { commonFlags } from "./common-flags.ts";
import { type ControllerDefinition, defineController, type Program } from "./definition.ts";
import { failed, ready } from "./outcome.ts";
import { parseFlags } from "./parse-flags.ts";
import { runPrograms } from "./run-programs.ts";

type Definition = ControllerDefinition<GitRepository>;

let kube: Kube;
let kubeconfig: string;

before(async () => {
  ({ kube, kubeconfig } = await connectToCluster());
});
after(() => kube[Symbol.asyncDispose]());

interface Running extends AsyncDisposable {
  namespace: string;
  create: (name?: string, spec?: object) => Promise<KubeObject>;
  get: (name?: string) => Promise<KubeObject | undefined>;
  patch: (body: object, name?: string) => Promise<KubeObject>;
  until: (what: string, holds: (object: KubeObject) => boolean, name?: string) => Promise<KubeObject>;
  stop: () => Promise<void>;
}

/** Runs a program with one kind in a namespace of its own. */
async function start(definition: Partial<Definition>, args: string[] = []): Promise<Running> {
  const namespace = await createTestNamespace(await sharedControlPlane(), "runtime");
  const program = programOf(definition);
  const flags = ["--metrics-addr=0", "--health-addr=0", "--watch-all-namespaces=false", "--min-retry-delay=50ms"];
  const config = parseFlags(
    program.flags,
    [...flags, `--runtime-namespace=${namespace.name}`, `--kubeconfig=${kubeconfig}`, ...args],
    {},
  );
  const stopping = new AbortController();
  const running = runPrograms([{ program, config }], {
    log: createLogger("error", () => {}),
    env: {},
    signal: stopping.signal,
  });
  const refOf = (name: string) => ({ resource: GitRepository, namespace: namespace.name, name });
  const get = (name = "app") => kube.get(refOf(name));
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return {
    namespace: namespace.name,
    get,
    create: (name = "app", spec = {}) =>
      kube.create(
        GitRepository,
        {
          apiVersion: GitRepository.apiVersion,
          kind: GitRepository.kind,
          metadata: { name, namespace: namespace.name },
          spec: { url: "https://git.example.org/x", interval: "10m", ...spec },
        },
        { fieldManager: "test" },
      ),
    patch: (body, name = "app") => kube.patch(refOf(name), { type: "merge", body }, { fieldManager: "test" }),
    until: (what, holds, name = "app") =>
      eventually(
        async () => {
          const object = await get(name);
          return object && holds(object) ? object : undefined;
        },
        { what },
      ),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await namespace[Symbol.asyncDispose]();
    },
  };
}

function programOf(definition: Partial<Definition>): Program {
  const flags = z.object(commonFlags({ concurrent: 2 }));
  const controller = defineController<GitRepository, GitRepository["status"]>({
    kind: GitRepository,
    fieldManager: "test-controller",
    interval: () => 600_000,
    reconcile: async () => ready("Succeeded", "done"),
    finalize: async () => ({ kind: "done" }),
    ...definition,
  });
  return {
    name: "test-controller",
    flags,
    setUp: async () => ({ controllers: [controller], [Symbol.asyncDispose]: async () => {} }),
  };
}

function condition(object: KubeObject | undefined, type: string): Condition | undefined {
  const { conditions = [] } = (object?.["status"] ?? {}) as { conditions?: Condition[] };
  return conditions.find((one) => one.type === type);
}

const isReady = (object: KubeObject) => condition(object, "Ready")?.status === "True";

suite("the runtime", { concurrency: 4 }, () => {
  test("adds the finalizer, then says what came out, for this generation", async () => {
    await using running = await start({});
    await running.create();
    const object = await running.until("ready", isReady);
    assert.deepEqual(object.metadata.finalizers, ["finalizers.fluxcd.io"]);
    assert.equal((object["status"] as { observedGeneration: number }).observedGeneration, 1);
    assert.equal(condition(object, "Ready")?.observedGeneration, 1);
  });

  test("leaves an object alone that is suspended, but for the finalizer", async () => {
    let runs = 0;
    await using running = await start({
      reconcile: async () => {
        runs++;
        return ready("Succeeded", "done");
      },
    });
    await running.create("app", { suspend: true });
    await running.until("finalizer", ({ metadata }) => metadata.finalizers?.length === 1);
    await running.create("other");
    await running.until("the other one ready", isReady, "other");
    assert.deepEqual([runs, condition(await running.get(), "Ready")], [1, undefined]);
  });

  test("acts on a request once and says so, even where the run fails", async () => {
    let runs = 0;
    await using running = await start({
      retryInterval: () => 600_000,
      reconcile: async () => {
        runs++;
        return failed("BuildFailed", "broken");
      },
    });
    await running.create();
    await running.until("failed", (object) => condition(object, "Ready")?.reason === "BuildFailed");
    await running.patch({ metadata: { annotations: { [requestedAtAnnotation]: "now" } } });
    const object = await running.until(
      "handled",
      ({ status }) => (status as { lastHandledReconcileAt?: string }).lastHandledReconcileAt === "now",
    );
    assert.equal(runs, 2);
    assert.equal((object["status"] as { observedGeneration: number }).observedGeneration, -1);
  });

  test("a newer generation overtakes a run that is stuck", async () => {
    let aborted = false;
    await using running = await start({
      reconcile: async (object, { signal }) => {
        if (object.metadata.generation > 1) return ready("Succeeded", "done");
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
        return ready("Succeeded", "never");
      },
      onChange: () => {},
    });
    await running.create();
    await running.until("finalizer", ({ metadata }) => metadata.finalizers?.length === 1);
    await running.patch({ spec: { interval: "5m" } });
    const object = await running.until("ready", isReady);
    aborted = condition(object, "Ready")?.message === "done";
    assert.ok(aborted);
  });

  test("writes progress while a run lasts", async () => {
    const held = Promise.withResolvers<void>();
    await using running = await start({
      reconcile: async (_, run) => {
        run.progress("building artifact");
        await held.promise;
        return ready("Succeeded", "done");
      },
    });
    await running.create();
    const object = await running.until(
      "progress",
      (one) => condition(one, "Reconciling")?.message === "building artifact",
    );
    assert.equal(condition(object, "Ready")?.status, "Unknown");
    held.resolve();
    assert.equal(condition(await running.until("ready", isReady), "Reconciling"), undefined);
  });

  test("a fault becomes a condition with its reason, a defect one without its details", async () => {
    await using running = await start({
      reconcile: async ({ metadata: { name } }) => {
        if (name === "fault") throw new Fault("GitOperationFailed", "cannot reach the server");
        throw new TypeError("undefined is not a function");
      },
    });
    await Promise.all([running.create("fault"), running.create("defect")]);
    const fault = await running.until("fault", (object) => condition(object, "Ready") !== undefined, "fault");
    const defect = await running.until("defect", (object) => condition(object, "Ready") !== undefined, "defect");
    assert.partialDeepStrictEqual(condition(fault, "Ready"), {
      status: "False",
      reason: "GitOperationFailed",
      message: "cannot reach the server",
    });
    assert.partialDeepStrictEqual(condition(defect, "Ready"), { status: "False", reason: "InternalError" });
    assert.doesNotMatch(condition(defect, "Ready")?.message ?? "", /function/);
  });

  test("tries again with backoff until it succeeds", async () => {
    let runs = 0;
    await using running = await start({
      reconcile: async () => {
        if (++runs < 4) throw new Fault("GitOperationFailed", "not yet");
        return ready("Succeeded", "done");
      },
    });
    await running.create();
    await running.until("ready", isReady);
    assert.equal(runs, 4);
  });

  test("never loses a condition that somebody else wrote meanwhile", async () => {
    const [started, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await using running = await start({
      reconcile: async () => {
        started.resolve();
        await held.promise;
        return ready("Succeeded", "done");
      },
    });
    await running.create();
    await started.promise;
    const foreign = {
      type: "Promoted",
      status: "True",
      reason: "Yes",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    await kube.patch(
      { resource: GitRepository, namespace: running.namespace, name: "app" },
      { type: "merge", body: { status: { conditions: [foreign] } } },
      { fieldManager: "flagger", subresource: "status" },
    );
    held.resolve();
    assert.equal(condition(await running.until("ready", isReady), "Promoted")?.status, "True");
  });

  test("finalizes a deleted object, also a suspended one, before it lets it go", async () => {
    const finalized: string[] = [];
    await using running = await start({
      finalize: async ({ metadata: { name } }) => {
        finalized.push(name);
        return { kind: "done" };
      },
    });
    await running.create("app", { suspend: true });
    await running.until("finalizer", ({ metadata }) => metadata.finalizers?.length === 1);
    await kube.delete({ resource: GitRepository, namespace: running.namespace, name: "app" });
    await eventually(async () => (await running.get()) === undefined, { what: "the object to be gone" });
    assert.deepEqual(finalized, ["app"]);
  });

  test("keeps a deleted object until its clean-up has succeeded, and says why", async () => {
    let tries = 0;
    await using running = await start({
      finalize: async () => {
        if (++tries < 3) throw new Fault("PruneFailed", "not yet");
        return { kind: "done" };
      },
    });
    await running.create();
    await running.until("ready", isReady);
    await kube.delete({ resource: GitRepository, namespace: running.namespace, name: "app" });
    await eventually(async () => (await running.get()) === undefined, { what: "the object to be gone" });
    assert.equal(tries, 3);
  });

  test("runs only the objects of its shard", async () => {
    await using running = await start({}, ["--watch-label-selector=sharding.fluxcd.io/key=one"]);
    await running.create();
    await running.create("mine");
    await running.patch({ metadata: { labels: { "sharding.fluxcd.io/key": "one" } } }, "mine");
    await running.until("ready", isReady, "mine");
    assert.equal((await running.get())?.metadata.finalizers, undefined);
  });

  test("a stopped leader hands over at once", async () => {
    const args = ["--enable-leader-election", "--leader-election-retry-period=100ms"];
    await using first = await start({}, args);
    await first.create();
    await first.until("ready", isReady);
    await first.stop();
    await using second = await start({}, [...args, `--runtime-namespace=${first.namespace}`]);
    await first.patch({ metadata: { annotations: { [requestedAtAnnotation]: "again" } } });
    await first.until(
      "handled",
      ({ status }) => (status as { lastHandledReconcileAt?: string }).lastHandledReconcileAt === "again",
    );
    assert.ok(second);
  });
});

suite("what a program serves", () => {
  test("its readiness, and the series that dashboards read", async () => {
    const address = `127.0.0.1:${await freePort()}`;
    await using running = await start({}, [`--metrics-addr=${address}`, `--health-addr=${address}`]);
    await running.create();
    await running.until("ready", isReady);
    const get = async (path: string) => (await fetch(`http://${address}${path}`)).text();
    assert.deepEqual([await get("/healthz"), await get("/readyz")], ["ok", "ok"]);
    const series = await eventually(
      async () => {
        const text = await get("/metrics");
        return (
          text.includes('controller_runtime_reconcile_total{controller="gitrepository",result="requeue_after"} 1') &&
          text
        );
      },
      { what: "the run to be counted" },
    );
    for (const name of [
      `gotk_reconcile_duration_seconds_count{kind="GitRepository",namespace="${running.namespace}"} 1`,
      `exported_namespace="${running.namespace}",name="app",ready="True",suspended="false"} 1`,
      'leat_program_ready{program="test-controller"} 1',
      'leat_events_dropped_total{sink="cluster"} 0',
      "controller_runtime_max_concurrent_reconciles",
      'controller_runtime_reconcile_total{controller="gitrepository",result="error"} 0',
      'workqueue_longest_running_processor_seconds{name="gitrepository",controller="gitrepository"} 0',
      "workqueue_depth",
      "rest_client_requests_total",
      "nodejs_eventloop_lag_p99_seconds",
      "process_resident_memory_bytes",
    ]) {
      assert.ok(series.includes(name), name);
    }
    await kube.delete({ resource: GitRepository, namespace: running.namespace, name: "app" });
    const isForgotten = async () => !(await get("/metrics")).includes(`namespace="${running.namespace}"`);
    await eventually(isForgotten, { what: "the series of the object to be gone" });
  });
});

suite("a standby", () => {
  test("says that it does not act, and ends quietly when it is stopped before it leads", async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const args = ["--enable-leader-election", "--leader-election-retry-period=100ms"];
    await using leader = await start({}, args);
    await leader.create();
    await leader.until("ready", isReady);
    const own = [`--runtime-namespace=${leader.namespace}`, `--metrics-addr=${address}`];
    await using standby = await start({}, [...args, ...own]);
    const series = await eventually(
      async () => {
        const text = await (await fetch(`http://${address}/metrics`)).text();
        return text.includes("leader_election_master_status{") && text;
      },
      { what: "the standby to wait for the Lease" },
    );
    for (const name of [
      'leader_election_master_status{name="test-controller-leader-election"} 0',
      'leat_program_ready{program="test-controller"} 0',
    ]) {
      assert.ok(series.includes(name), name);
    }
    await standby.stop();
  });
});

suite("events", { concurrency: 4 }, () => {
  const event = {
    type: "Normal",
    reason: "NewArtifact",
    message: "stored",
    metadata: { revision: "main@sha1:abc" },
  } as const;

  async function withReceiver(
    act: (receiver: EventReceiver, running: Running) => Promise<void>,
    type: "Normal" | "Trace" = "Normal",
  ) {
    await using receiver = await startEventReceiver();
    await using running = await start(
      { reconcile: async () => ready("Succeeded", "done", { events: [{ ...event, type }] }) },
      [`--events-addr=${receiver.url}`],
    );
    await act(receiver, running);
  }

  test("are posted in Flux's format, with the annotations meant for them", async () => {
    await withReceiver(async (receiver, running) => {
      await running.create("app", {});
      await running.until("ready", isReady);
      const posted = await receiver.waitFor(({ reason }) => reason === "NewArtifact");
      assert.partialDeepStrictEqual(posted, {
        involvedObject: {
          apiVersion: GitRepository.apiVersion,
          kind: "GitRepository",
          namespace: running.namespace,
          name: "app",
        },
        severity: "info",
        message: "stored",
        metadata: { "source.toolkit.fluxcd.io/revision": "main@sha1:abc" },
        reportingController: "test-controller",
      });
    });
  });

  test("are in the cluster too, a repeated one counted", async () => {
    await withReceiver(async (_, running) => {
      await running.create();
      await running.until("ready", isReady);
      await running.patch({ spec: { interval: "5m" } });
      await eventually(
        async () => {
          const { objects } = await kube.list({ resource: core.Event, namespace: running.namespace });
          return objects.length === 1 && objects[0]?.["count"] === 2 ? objects : undefined;
        },
        { what: "one Event with count 2" },
      );
    });
  });

  test("for tracing stay in the cluster", async () => {
    await withReceiver(async (receiver, running) => {
      await running.create();
      await running.until("ready", isReady);
      await running.stop();
      assert.equal(receiver.requestCount(), 0);
    }, "Trace");
  });

  test("never hold a run up, and arrive once the receiver is back", async () => {
    await withReceiver(async (receiver, running) => {
      await receiver.stop();
      await running.create();
      await running.until("ready", isReady);
      await receiver.start();
      await receiver.waitFor(({ reason }) => reason === "NewArtifact", { timeoutMs: 20_000 });
    });
  });
});
