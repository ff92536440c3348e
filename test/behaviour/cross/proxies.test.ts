/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the controllers: which requests go through the proxy, and which do not. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import {
  createCertificateAuthority,
  eventually,
  freePort,
  type Proxy,
  startGitServer,
  startProxy,
} from "@leat/testing";
import { deploy } from "../../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { configMap, gitRepository, kustomization, secret } from "../../harness/manifests.ts";
import { conditionOf, startScenario } from "../../harness/scenario.ts";

// Names end with `.example`: nothing but the proxies can resolve them.
const hosts = new Map<string, string>();
let proxy: Proxy;
let harness: OwnHarness;

before(async () => {
  proxy = await startProxy({ hosts });
  const storage = `127.0.0.1:${await freePort()}`;
  const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: "direct.example,.cluster.example" };
  const events = "--events-addr=http://events.example/";
  harness = await startHarness({
    env: { "source-controller": env, "kustomize-controller": env },
    args: {
      "source-controller": [events, `--storage-addr=${storage}`, "--storage-adv-addr=source.example"],
      "kustomize-controller": [events],
    },
    start: false,
  });
  hosts.set("git.example:80", new URL(harness.git.url).host);
  hosts.set("events.example:80", new URL(harness.events.url).host);
  hosts.set("source.example:80", storage);
  hosts.set("kubernetes.default.svc:443", new URL(harness.controlPlane.url).host);
  await Promise.all(harness.stack.processes.map(({ name }) => harness.start(name)));
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

const one = { "app/one.yaml": configMap("one") };
const byProxy = (url: string) => url.replace(/\/\/[^/]+/, "//git.example");
const bySecret = "  path: ./app\n  prune: true\n  kubeConfig: {secretRef: {name: cluster}}";

suite("the proxies of the environment", { concurrency: 4 }, () => {
  test("carry what git asks, the artifact and the events", async () => {
    await using scenario = await startScenario(harness, "env-proxy");
    const commit = await scenario.commit(one);
    const url = byProxy(scenario.repository.url);
    await scenario.apply(gitRepository().replace("{{url}}", url) + kustomization());
    await scenario.untilReady("Kustomization/app", commit);
    await harness.events.waitFor(({ involvedObject }) => involvedObject.namespace === scenario.namespace);
    for (const target of ["git.example:80", "source.example:80", "events.example:80"])
      assert.ok(proxy.targets.includes(target), `${target} is not among ${proxy.targets.join(", ")}`);
  });

  test("carry git over TLS", async () => {
    const authority = createCertificateAuthority();
    const { certificate: cert, key } = authority.issue({ commonName: "git", hosts: ["tls.example"] });
    await using server = await startGitServer({ tls: { ca: authority.certificate, cert, key } });
    hosts.set("tls.example:443", new URL(server.url).host);
    await using scenario = await startScenario(harness, "env-proxy-tls", server);
    const commit = await scenario.commit(one);
    const url = scenario.repository.url.replace(/\/\/[^/]+/, "//tls.example");
    const object = gitRepository("  ref: {branch: main}\n  secretRef: {name: auth}").replace("{{url}}", url);
    await scenario.apply(secret("auth", { "ca.crt": authority.certificate }) + object);
    await scenario.untilReady("GitRepository/repo", commit);
  });

  test("give way to spec.proxySecretRef", async () => {
    await using own = await startProxy({ hosts: new Map([["own.example:80", new URL(harness.git.url).host]]) });
    await using scenario = await startScenario(harness, "env-proxy-own");
    const commit = await scenario.commit(one);
    const url = scenario.repository.url.replace(/\/\/[^/]+/, "//own.example");
    const object = gitRepository("  ref: {branch: main}\n  proxySecretRef: {name: proxy}").replace("{{url}}", url);
    await scenario.apply(secret("proxy", { address: own.url }) + object);
    await scenario.untilReady("GitRepository/repo", commit);
    assert.ok(own.targets.includes("own.example:80"));
    assert.ok(!proxy.targets.includes("own.example:80"));
  });

  for (const host of ["direct.example", "a.cluster.example"]) {
    test(`do not carry requests to ${host}, which NO_PROXY lists`, async () => {
      await using scenario = await startScenario(harness, "env-no-proxy");
      await scenario.apply(gitRepository().replace("{{url}}", `http://${host}/app.git`));
      const failed = { type: "FetchFailed", status: "True", reason: "GitOperationFailed" } as const;
      const object = await scenario.untilCondition("GitRepository/repo", failed);
      assert.match(conditionOf(object, "FetchFailed")?.message ?? "", new RegExp(host.replaceAll(".", "\\.")));
      assert.ok(!proxy.targets.some((target) => target.startsWith(host)));
    });
  }

  test("carry requests to the API server of a kubeconfig", async () => {
    await using scenario = await startScenario(harness, "env-proxy-remote");
    const kubeconfig = await readFile(harness.controlPlane.kubeconfig, "utf8");
    const elsewhere = kubeconfig.replaceAll(harness.controlPlane.url, "https://kubernetes.default.svc");
    await scenario.apply(secret("cluster", { value: elsewhere }));
    await deploy(scenario, one, bySecret);
    assert.ok(await scenario.get("ConfigMap/one"));
    assert.ok(proxy.targets.includes("kubernetes.default.svc:443"));
  });

  test("carry remote bases", async () => {
    const server = createServer((_, response) => response.end(configMap("far").replace("{{ns}}", "default")));
    await using _ = await listening(server, "bases.example:80");
    await using scenario = await startScenario(harness, "env-proxy-base");
    const base = "resources: [http://bases.example/far.yaml]\nnamespace: '{{ns}}'\n";
    await deploy(scenario, { "app/kustomization.yaml": base });
    await eventually(async () => (await scenario.get("ConfigMap/far")) !== undefined, { what: "the ConfigMap" });
    assert.ok(proxy.targets.includes("bases.example:80"));
  });
});

async function listening(server: ReturnType<typeof createServer>, name: string): Promise<AsyncDisposable> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  hosts.set(name, `127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
