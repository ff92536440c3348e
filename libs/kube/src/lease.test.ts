import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { eventually, type FlakyNetwork, startFlakyNetwork } from "@leat/testing";
import { connectVia, openSetting, type Setting } from "../test/fixture.ts";
import type { Kube } from "./kube.ts";
import { holdLease, type Lease, type LeaseOptions } from "./lease.ts";

const quick = { leaseMs: 2_000, renewMs: 1_200, retryMs: 200 };

/** One of several who want a lease, with a network of its own. */
interface Contender extends AsyncDisposable {
  identity: string;
  network: FlakyNetwork;
  leads: boolean;
}

let setting: Setting;
let kube: Kube;
let namespace: string;
before(async () => {
  setting = await openSetting();
  ({ kube, namespace } = setting);
});
after(() => setting[Symbol.asyncDispose]());

suite("a lease", () => {
  test("is written as client-go's leader election writes it", async () => {
    await using lease = await hold("format", "me");
    assert.equal(lease.identity, "me");
    const first = await specOf("format");
    assert.deepEqual(Object.keys(first).toSorted(), [
      "acquireTime",
      "holderIdentity",
      "leaseDurationSeconds",
      "leaseTransitions",
      "renewTime",
    ]);
    assert.partialDeepStrictEqual(first, { holderIdentity: "me", leaseDurationSeconds: 2, leaseTransitions: 0 });
    assert.match(String(first["renewTime"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const renewed = await eventually(async () => changed(first, await specOf("format")), { what: "a renewal" });
    assert.equal(renewed["acquireTime"], first["acquireTime"]);
  });

  test("is free for the next one at once when it is given back", async () => {
    const first = await hold("handed", "first");
    const next = hold("handed", "next", { leaseMs: 60_000, renewMs: 50_000, retryMs: 100 });
    await first[Symbol.asyncDispose]();
    const released = performance.now();
    await using lease = await next;
    assert.ok(performance.now() - released < 1_500);
    assert.equal(lease.identity, "next");
    assert.partialDeepStrictEqual(await specOf("handed"), { holderIdentity: "next", leaseTransitions: 1 });
  });

  test("is taken again at once by who held it before", async () => {
    const lost = new AbortController();
    await hold("again", "same", { retryMs: 1_000, onLost: () => lost.abort() });
    await using lease = await hold("again", "same");
    assert.equal(lease.identity, "same");
    assert.partialDeepStrictEqual(await specOf("again"), { leaseTransitions: 0 });
    // The first one's copy is out of date, but the name is its own: it goes on.
    assert.equal(lost.signal.aborted, false);
  });

  test("of three who want it one has it; when that one is cut off, it stops before another begins", async () => {
    await using stack = new AsyncDisposableStack();
    const overlaps: string[] = [];
    const contenders: Contender[] = [];
    for (const identity of ["a", "b", "c"]) contenders.push(stack.use(await contend(identity, contenders, overlaps)));
    const leader = await eventually(() => contenders.find(({ leads }) => leads), { what: "a first leader" });
    const others = contenders.filter((one) => one !== leader);
    const started = performance.now();
    // Nothing it says arrives any more, on no connection, so that it must find out by its own clock.
    leader.network.goDark();
    await eventually(() => others.some(({ leads }) => leads), { what: "another leader" });
    const took = performance.now() - started;
    assert.equal(leader.leads, false);
    assert.ok(took > 1_000 && took < 6_000, `${took} ms`);
    assert.deepEqual(overlaps, []);
  });

  test("says that it is lost when another has taken it", async () => {
    const { promise: lost, resolve } = Promise.withResolvers<Error>();
    await using _lease = await hold("stolen", "victim", { onLost: resolve });
    const spec = { holderIdentity: "thief" };
    const ref = { resource: core.Lease, namespace, name: "stolen" };
    await kube.patch(ref, { type: "merge", body: { spec } }, { fieldManager: "thief" });
    assert.match((await lost).message, new RegExp(`the Lease ${namespace}/stolen is lost: thief holds it now`));
  });

  test("is not waited for after the signal aborts, nor where it is forbidden", async () => {
    await using _lease = await hold("waited", "holder");
    const stop = new AbortController();
    const waiting = hold("waited", "other", { signal: stop.signal });
    const reason = new Error("shutting down");
    stop.abort(reason);
    await assert.rejects(waiting, reason);
    const options = {
      ...quick,
      namespace,
      name: "waited",
      identity: "nobody",
      signal: new AbortController().signal,
      onLost: () => {},
    };
    await assert.rejects(holdLease(kube.impersonate("nobody"), options), { code: 403 });
    await assert.rejects(hold("waited", "other", { renewMs: 9_000 }), /retry period < renew deadline < lease duration/);
  });
});

function hold(name: string, identity: string, options: Partial<LeaseOptions> = {}): Promise<Lease> {
  const signal = new AbortController().signal;
  return holdLease(kube, { ...quick, namespace, name, identity, signal, onLost: () => {}, ...options });
}

async function contend(identity: string, all: readonly Contender[], overlaps: string[]): Promise<Contender> {
  await using stack = new AsyncDisposableStack();
  const network = stack.use(await startFlakyNetwork(setting.controlPlane.url));
  const own = stack.use(await connectVia(network.url, setting.controlPlane));
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  const contender = { identity, network, leads: false };
  const onLost = () => {
    contender.leads = false;
  };
  const holding = holdLease(own, {
    ...quick,
    namespace,
    name: "contended",
    identity,
    signal: stop.signal,
    onLost,
  }).then(
    (lease) => {
      const other = all.find(({ leads }) => leads);
      if (other) overlaps.push(`${identity} began while ${other.identity} led`);
      contender.leads = true;
      return lease;
    },
    () => undefined,
  );
  const owned = stack.move();
  const end = async () => {
    stop.abort();
    await (await holding)?.[Symbol.asyncDispose]();
    await owned.disposeAsync();
  };
  return Object.assign(contender, { [Symbol.asyncDispose]: end });
}

async function specOf(name: string): Promise<Record<string, unknown>> {
  const lease = await kube.get({ resource: core.Lease, namespace, name });
  return lease?.["spec"] as Record<string, unknown>;
}

function changed(was: Record<string, unknown>, now: Record<string, unknown>): Record<string, unknown> | undefined {
  return now["renewTime"] === was["renewTime"] ? undefined : now;
}
