import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fault, Reason } from "@leat/api";
import type { Applier } from "@leat/apply";
import { ApiError, type Kube } from "@leat/kube";
import type { Access } from "./access.ts";
import { createClusters, type Opened } from "./clusters.ts";

const { signal } = new AbortController();

type Found = Extract<Access, { kind: "found" }>;
type Open = Extract<Opened, { kind: "open" }>;

/** Clusters that tell what becomes of them, in the order in which it does. */
function watchClusters(accessOf: (secret: string) => Partial<Found> | Access = () => ({})) {
  const log: string[] = [];
  const applierFor = (name: string) =>
    ({
      forget: (owner: { name: string }) => log.push(`${name} forgets ${owner.name}`),
      [Symbol.asyncDispose]: async () => void log.push(`${name} ends`),
    }) as unknown as Applier;
  const kubeFor = (name: string) =>
    ({
      name,
      get: async () => undefined,
      [Symbol.asyncDispose]: async () => void log.push(`${name} is closed`),
    }) as unknown as Kube;
  const clusters = createClusters({
    own: { kube: kubeFor("own"), applier: applierFor("own") },
    access: async ({ reference: { secretRef } }) => {
      const name = secretRef?.name ?? "";
      const connect = async () => {
        log.push(`${name} is connected`);
        return kubeFor(name);
      };
      return { kind: "found", key: name, name: `Secret/team/${name}`, connect, ...accessOf(name) } as Access;
    },
    applierFor: (kube) => applierFor((kube as unknown as { name: string }).name),
    userAgent: "leat/test",
    onReachable: ({ name }) => log.push(`${name} is enqueued`),
  });
  const open = (name: string, secret?: string) =>
    clusters.open(
      {
        metadata: { namespace: "team", name },
        spec: secret === undefined ? {} : { kubeConfig: { secretRef: { name: secret } } },
      },
      signal,
    );
  return {
    clusters,
    [Symbol.asyncDispose]: () => clusters[Symbol.asyncDispose](),
    log,
    open,
    forget: (name: string) => clusters.forget({ namespace: "team", name }),
  };
}

function opened(one: Opened): Open {
  assert.equal(one.kind, "open");
  return one;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

suite("clusters", () => {
  test("are connected to once for all who use the same", async () => {
    await using watched = watchClusters();
    const { open, log } = watched;
    const [first, second] = await Promise.all([open("a", "x"), open("b", "x")]);
    assert.equal(opened(first).kube, opened(second).kube);
    assert.equal(opened(first).applier, opened(second).applier);
    assert.deepEqual(log, ["x is connected"]);
  });

  test("are closed when the last who used it is gone, and no run is under way", async () => {
    await using watched = watchClusters();
    const { open, forget, log } = watched;
    const first = opened(await open("a", "x"));
    opened(await open("b", "x"))[Symbol.dispose]();
    forget("b");
    forget("a");
    await settled();
    assert.deepEqual(
      log.filter((line) => line.startsWith("x")),
      ["x is connected", "x forgets b", "x forgets a"],
    );
    first[Symbol.dispose]();
    await settled();
    assert.deepEqual(log.slice(-2), ["x ends", "x is closed"]);
  });

  test("are left by who names another one, and the own one by who names any", async () => {
    await using watched = watchClusters();
    const { open, log } = watched;
    for (const secret of [undefined, "x", "y", undefined]) opened(await open("a", secret))[Symbol.dispose]();
    await settled();
    assert.deepEqual(
      log.filter((line) => !line.endsWith("connected")),
      ["own forgets a", "x forgets a", "x ends", "x is closed", "y forgets a", "y ends", "y is closed"],
    );
  });

  test("whose configuration is gone are left, and named", async () => {
    let isThere = true;
    await using watched = watchClusters(() =>
      isThere ? {} : { kind: "missing", name: "Secret/team/x", message: "it does not exist" },
    );
    const { open, log } = watched;
    opened(await open("a", "x"))[Symbol.dispose]();
    isThere = false;
    const message = "cannot use the cluster of Secret/team/x: it does not exist";
    assert.deepEqual(await open("a", "x"), { kind: "missing", message });
    await settled();
    assert.deepEqual(log, ["x is connected", "x forgets a", "x ends", "x is closed"]);
  });

  test("that cannot be connected to are tried again by the next run", async () => {
    let tries = 0;
    await using watched = watchClusters(() => ({
      connect: async () => {
        tries += 1;
        throw new Fault(Reason.KubeconfigInvalid, "its kubeconfig is not valid YAML");
      },
    }));
    const { open } = watched;
    const message = "cannot use the cluster of Secret/team/x: its kubeconfig is not valid YAML";
    const answer = { kind: "unusable", message };
    assert.deepEqual(await Promise.all([open("a", "x"), open("b", "x")]), [answer, answer]);
    assert.equal(tries, 1);
    await open("a", "x");
    assert.equal(tries, 2);
  });

  test("that are lost end the work of all in them, by a fault that names it", async () => {
    let isThere = true;
    const get = async () => {
      if (!isThere) throw new Fault(Reason.APIServerUnavailable, "cannot be reached");
      return undefined;
    };
    await using watched = watchClusters(() => ({
      connect: async () => ({ get, [Symbol.asyncDispose]: async () => {} }) as unknown as Kube,
    }));
    const { open } = watched;
    const [first, second] = await Promise.all([open("a", "x"), open("b", "x")]);
    isThere = false;
    const waiting = opened(first).during(
      signal,
      (lost) => new Promise<never>((_, reject) => lost.addEventListener("abort", () => reject(lost.reason as Error))),
    );
    const failing = opened(second).during(signal, async () => {
      throw new Fault(Reason.APIServerUnavailable, "did not answer");
    });
    const named = {
      reason: "ReconciliationFailed",
      message: "cannot use the cluster of Secret/team/x: cannot be reached",
    };
    await Promise.all([assert.rejects(waiting, named), assert.rejects(failing, named)]);
    assert.equal((await open("a", "x")).kind, "unusable");
  });

  test("that reject something are not lost, and what they say is named", async () => {
    await using watched = watchClusters();
    const { open } = watched;
    const { during } = opened(await open("a", "x"));
    const rejected = during(signal, async () => {
      throw new ApiError(403, "Forbidden", "not for you");
    });
    await assert.rejects(rejected, { message: "cannot use the cluster of Secret/team/x: not for you" });
    assert.equal((await open("a", "x")).kind, "open");
  });

  test("are not opened for a run that has been given up meanwhile", async () => {
    await using watched = watchClusters();
    const { clusters, log } = watched;
    const giving = new AbortController();
    const object = { metadata: { namespace: "team", name: "a" }, spec: { kubeConfig: { secretRef: { name: "x" } } } };
    const opening = clusters.open(object, giving.signal);
    giving.abort();
    await assert.rejects(opening, { name: "AbortError" });
    assert.deepEqual(log, []);
  });

  test("are all closed in the end", async () => {
    await using watched = watchClusters();
    const { clusters, open, log } = watched;
    await open("a", "x");
    await open("b", "y");
    await clusters[Symbol.asyncDispose]();
    assert.deepEqual(log.filter((line) => line.endsWith("closed")).toSorted(), ["x is closed", "y is closed"]);
  });
});
