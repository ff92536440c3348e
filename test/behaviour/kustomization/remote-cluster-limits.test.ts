/** Kustomization: spec.kubeConfig with clusters that are unreachable, slow or hostile. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { access, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, suite } from "node:test";
import type { KustomizationStatus } from "@leat/api";
import { eventually, openPrivateDirectory, startFlakyNetwork } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, deploy, postedAbout, push } from "../../harness/deploy.ts";
import { type Harness, readLogs } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization, secret } from "../../harness/manifests.ts";
import { startRemote } from "../../harness/remote.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };
const bySecret = "  path: ./app\n  prune: true\n  kubeConfig: {secretRef: {name: remote}}";

/** Waits until a Kustomization says that it cannot use its cluster, and gives the message. */
async function failure({ untilCondition }: Scenario, name = "app"): Promise<string> {
  const wanted = { type: "Ready", status: "False", reason: "ReconciliationFailed" } as const;
  return conditionOf(await untilCondition(`Kustomization/${name}`, wanted), "Ready")?.message ?? "";
}

/** Revisions whose failure was posted. */
function failedAt(scenario: Scenario): Array<string | undefined> {
  return postedAbout(scenario, "Kustomization/app")
    .filter(({ reason }) => reason === "ReconciliationFailed")
    .map(({ metadata }) => metadata?.["kustomize.toolkit.fluxcd.io/revision"]);
}

interface Parts {
  cluster?: object;
  user?: object;
}

function kubeconfigOf({ cluster = {}, user = {} }: Parts): string {
  return JSON.stringify({
    "current-context": "main",
    contexts: [{ name: "main", context: { cluster: "main", user: "main" } }],
    clusters: [{ name: "main", cluster }],
    users: [{ name: "main", user }],
  });
}

suite("a cluster that cannot be reached", { concurrency: 2 }, () => {
  testBeyondFlux(
    () => harness,
    "is named in the condition, and applied to as soon as it is back",
    async () => {
      await using remote = await startRemote();
      await using scenario = await startScenario(harness, "remote-lost");
      const there = await remote.enter(scenario);
      await scenario.apply(secret("remote", { value: remote.kubeconfig }));
      await deploy(scenario, one, bySecret);

      await remote.controlPlane.stopApiServer();
      const revision = `main@sha1:${await push(scenario, { "app/one.yaml": configMap("one", "2") })}`;
      const message = await failure(scenario);
      await scenario.until("Kustomization/app", "to have attempted the revision", (object) => {
        return (object["status"] as KustomizationStatus).lastAttemptedRevision === revision;
      });
      await eventually(() => failedAt(scenario).includes(revision), { what: "the event of the revision" });
      assert.match(
        message,
        new RegExp(`cannot use the cluster of Secret/${scenario.namespace}/remote: .*cannot be reached`),
      );
      await scenario.apply(kustomization("home"));
      await scenario.untilReady("Kustomization/home");

      await remote.controlPlane.startApiServer();
      await scenario.untilReady("Kustomization/app");
      assert.deepEqual(dataOf(await there.configMap("one")), { value: "2" });
      await there.edit("one", { data: { value: "by hand" } });
      await there.until("one", "to be corrected again", (object) => dataOf(object)?.["value"] === "2");
    },
  );

  testBeyondFlux(
    () => harness,
    "in the middle of the work of many lets go of all of them",
    async () => {
      await using remote = await startRemote();
      await using network = await startFlakyNetwork(remote.controlPlane.url);
      await using scenario = await startScenario(harness, "remote-dark");
      await remote.enter(scenario);
      await scenario.apply(
        secret("remote", { value: remote.kubeconfig.replace(remote.controlPlane.url, network.url) }),
      );
      const names = Array.from({ length: 16 }, (_, index) => `app-${index}`);
      const inFolders = (value: string) =>
        Object.fromEntries(names.map((name) => [`${name}/one.yaml`, configMap(name, value)] as const));
      const first = await scenario.commit({ ...one, ...inFolders("1") });
      const theirs = names.map((name) => kustomization(name, bySecret.replace("./app", `./${name}`)));
      await scenario.apply(gitRepository() + kustomization("app") + theirs.join(""));
      for (const name of ["app", ...names]) await scenario.untilReady(`Kustomization/${name}`, first);

      network.goDark();
      const second = await push(scenario, { "app/one.yaml": configMap("one", "2"), ...inFolders("2") });
      await scenario.untilReady("Kustomization/app", second, 25_000);
      for (const name of names)
        assert.match(await failure(scenario, name), /cannot use the cluster of Secret\/.*\/remote: /);

      network.recover();
      for (const name of names) await scenario.untilReady(`Kustomization/${name}`, second);
    },
  );

  testBeyondFlux(
    () => harness,
    "and does not even reject holds up nobody else, however many are for it",
    async () => {
      await using stack = new AsyncDisposableStack();
      const sockets = new Set<Socket>();
      const silent = createServer((socket) => void sockets.add(socket.on("error", () => {})));
      stack.defer(() => {
        for (const socket of sockets) socket.destroy();
        silent.close();
      });
      silent.listen(0, "127.0.0.1");
      await once(silent, "listening");
      const { port } = silent.address() as { port: number };
      const scenario = stack.use(await startScenario(harness, "remote-silent"));
      const kubeconfig = kubeconfigOf({ cluster: { server: `https://127.0.0.1:${port}` }, user: { token: "x" } });
      const names = Array.from({ length: 30 }, (_, index) => `app-${index}`);
      await scenario.commit(one);
      await scenario.apply(
        secret("remote", { value: kubeconfig }) +
          gitRepository() +
          names.map((name) => kustomization(name, bySecret)).join(""),
      );
      await scenario.untilReady("GitRepository/repo");
      await scenario.apply(kustomization("home"));
      // What asks the cluster gives up after five seconds, once for all.
      await scenario.untilReady("Kustomization/home", undefined, 25_000);
      for (const name of names)
        assert.match(await failure(scenario, name), /cannot use the cluster of Secret\/.*\/remote: .*5 s/);
      assert.ok(sockets.size < 10, `${sockets.size} connections`);
    },
  );

  testBeyondFlux(
    () => harness,
    "is waited for by a Kustomization that is deleted, until its Secret is deleted too",
    async () => {
      await using remote = await startRemote();
      await using scenario = await startScenario(harness, "remote-held");
      const there = await remote.enter(scenario);
      await scenario.apply(secret("remote", { value: remote.kubeconfig }));
      await deploy(scenario, one, bySecret);
      await scenario.apply(secret("remote", { value: kubeconfigOf({ cluster: { server: "https://127.0.0.1:1" } }) }));
      await scenario.delete("Kustomization/app");
      const wanted = { type: "Ready", status: "False", reason: "PruneFailed" } as const;
      const held = await scenario.untilCondition("Kustomization/app", wanted);
      assert.match(
        conditionOf(held, "Ready")?.message ?? "",
        /cannot use the cluster of Secret\/.*\/remote: .*cannot be reached/,
      );
      await scenario.delete("Secret/remote");
      await scenario.untilGone("Kustomization/app");
      assert.ok(await there.configMap("one"));
    },
  );
});

interface Trap extends AsyncDisposable {
  url: string;
  contacts: () => number;
}

/** Nobody should ever speak to it. */
async function setTrap(place: number | string): Promise<Trap> {
  let contacts = 0;
  const trap = createHttpServer((_, response) => void response.end());
  trap.on("connection", () => {
    contacts += 1;
  });
  if (typeof place === "string") trap.listen(place);
  else trap.listen(place, "127.0.0.1");
  await once(trap, "listening");
  const address = trap.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    contacts: () => contacts,
    [Symbol.asyncDispose]: async () => void trap.close(),
  };
}

suite("a kubeconfig that asks", { concurrency: 4 }, () => {
  const marker = "c0ffee-marker";
  const hostile: Array<[given: string, parts: (directory: string) => Parts, message: RegExp]> = [
    [
      "a program",
      (directory) => ({ user: { exec: { command: "/bin/sh", args: ["-c", `touch ${join(directory, "ran")}`] } } }),
      /exec plugin/,
    ],
    [
      "a program of an auth-provider",
      (directory) => ({
        user: { "auth-provider": { name: "gcp", config: { "cmd-path": "touch", "cmd-args": join(directory, "ran") } } },
      }),
      /auth-provider/,
    ],
    ["a file as its token", (directory) => ({ user: { tokenFile: join(directory, "marker") } }), /tokenFile/],
    [
      "a file as its certificate",
      (directory) => ({ user: { "client-certificate": join(directory, "marker") } }),
      /client-certificate/,
    ],
    ["a file as its key", (directory) => ({ user: { "client-key": join(directory, "marker") } }), /client-key/],
    [
      "a file as its authority",
      (directory) => ({ cluster: { "certificate-authority": join(directory, "marker") } }),
      /certificate-authority/,
    ],
    [
      "a socket as its server",
      (directory) => ({ cluster: { server: `unix://${join(directory, "socket")}` } }),
      /server/,
    ],
    [
      "a socket as its proxy",
      (directory) => ({ cluster: { "proxy-url": `unix://${join(directory, "socket")}` } }),
      /proxy-url/,
    ],
    [
      "a password in its server",
      () => ({ cluster: { server: `http://me:${marker}@127.0.0.1` } }),
      /password in its URL/,
    ],
    ["no verification", () => ({ cluster: { "insecure-skip-tls-verify": true } }), /--insecure-kubeconfig-tls/],
  ];
  for (const [given, partsOf, message] of hostile) {
    testBeyondFlux(
      () => harness,
      `for ${given} gets nothing, and is told to be changed`,
      async () => {
        await using stack = new AsyncDisposableStack();
        const { path: directory } = stack.use(await openPrivateDirectory());
        await writeFile(join(directory, "marker"), marker);
        const traps = [stack.use(await setTrap(0)), stack.use(await setTrap(join(directory, "socket")))] as const;
        const scenario = stack.use(await startScenario(harness, "remote-hostile"));
        const { cluster, user } = partsOf(directory);
        const text = kubeconfigOf({ cluster: { server: traps[0].url, ...cluster }, user: { ...user } });
        await scenario.apply(secret("remote", { value: text }));
        await scenario.commit(one);
        await scenario.apply(gitRepository() + kustomization("app", bySecret));
        const told = await failure(scenario);
        assert.match(told, message);
        assert.match(told, new RegExp(`Secret/${scenario.namespace}/remote`));
        for (const { contacts } of traps) assert.equal(contacts(), 0);
        await assert.rejects(access(join(directory, "ran")), { code: "ENOENT" });
        const log = await readLogs(harness, ["kustomize-controller"]);
        assert.doesNotMatch(`${told}${log}`, new RegExp(marker));
      },
    );
  }
});
