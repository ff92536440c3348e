/** An object that blocks a controller, which a liveness probe ends each time. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, test } from "node:test";
import { type Condition, GitRepository, type KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import { startService } from "@leat/process";
import { createTestNamespace, eventually, freePort, openPrivateDirectory, sharedControlPlane } from "@leat/testing";
import { connectToCluster } from "../test/cluster.ts";

let kube: Kube;
let kubeconfig: string;
before(async () => {
  ({ kube, kubeconfig } = await connectToCluster());
});
after(() => kube[Symbol.asyncDispose]());

test("an object that blocks the controller is Stalled after two restarts, and no other one is", async () => {
  await using namespace = await createTestNamespace(await sharedControlPlane(), "blocking");
  const refOf = (name: string) => ({ resource: GitRepository, namespace: namespace.name, name });
  for (const name of ["blocking", "honest"])
    await kube.create(GitRepository, gitRepository(namespace.name, name), { fieldManager: "test" });
  await using pod = await startPod(namespace.name);

  const blocking = await eventually(
    async () => {
      const object = await kube.get(refOf("blocking"));
      return conditionOf(object, "Stalled") && object;
    },
    { what: "the blocking object to be Stalled", timeoutMs: 60_000 },
  );
  assert.equal(conditionOf(blocking, "Stalled")?.reason, "ResourceExhausted");
  assert.match(conditionOf(blocking, "Ready")?.message ?? "", /ended unexpectedly twice/);
  assert.equal(pod.restarts(), 2);

  await kube.patch(refOf("honest"), { type: "merge", body: { spec: { interval: "5m" } } }, { fieldManager: "test" });
  await eventually(
    async () => {
      const ready = conditionOf(await kube.get(refOf("honest")), "Ready");
      return ready?.status === "True" && ready.observedGeneration === 2;
    },
    { what: "the other object to be reconciled" },
  );
  assert.equal(pod.restarts(), 2, "the blocking object is not reconciled again");
});

/** Runs the controller, and starts it again whenever it does not answer its liveness probe. */
async function startPod(namespace: string): Promise<{ restarts: () => number } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await openPrivateDirectory());
  const port = await freePort();
  const args = [
    join(import.meta.dirname, "fixtures/blocking-program.ts"),
    `--kubeconfig=${kubeconfig}`,
    `--runtime-namespace=${namespace}`,
    "--watch-all-namespaces=false",
    "--metrics-addr=0",
    `--health-addr=127.0.0.1:${port}`,
  ];
  const logFile = join(directory.path, "log");
  const start = () => startService(process.execPath, args, { env: { TMPDIR: directory.path }, logFile });
  const kill = async () => {
    service.kill("SIGKILL");
    await service.ended;
  };
  let restarts = 0;
  let service = await start();
  stack.defer(kill);
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      if (!(await isBlocked(port))) continue;
      await kill();
      restarts += 1;
      service = await start();
    }
  })();
  stack.defer(async () => {
    stopped.abort();
    await watching;
  });
  const parts = stack.move();
  return { restarts: () => restarts, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** A liveness probe, after a pause. A controller that refuses the connection has not begun to listen yet. */
async function isBlocked(port: number): Promise<boolean> {
  await delay(100);
  const signal = AbortSignal.timeout(1000);
  await fetch(`http://127.0.0.1:${port}/healthz`, { signal }).catch(() => {});
  return signal.aborted;
}

function gitRepository(namespace: string, name: string): KubeObject {
  const { apiVersion, kind } = GitRepository;
  const spec = { url: "https://git.example.org/x", interval: "10m" };
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  const { conditions = [] } = (object?.["status"] ?? {}) as { conditions?: Condition[] };
  return conditions.find((one) => one.type === type);
}
