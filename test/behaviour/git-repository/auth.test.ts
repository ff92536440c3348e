/** GitRepository: credentials, certificates and proxies from spec.secretRef and spec.proxySecretRef. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import {
  createCertificateAuthority,
  type GitServer,
  type GitServerOptions,
  startGitServer,
  startProxy,
} from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { type Harness, readLogs } from "../../harness/harness.ts";
import { gitRepository, secret } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const user = { username: "alice", password: "pa55-of-alice:ä" };
const withSecret = "  ref: {branch: main}\n  secretRef: {name: auth}";

interface Guarded extends Scenario {
  server: GitServer;
}

/** A scenario whose repository, with one commit, lies on a server that wants something of its clients. */
async function startGuarded(name: string, options: GitServerOptions): Promise<Guarded> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startGitServer(options));
  const scenario = stack.use(await startScenario(harness, name, server));
  await scenario.commit({ "one.txt": "1" });
  const all = stack.move();
  return { ...scenario, server, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const fetchFailed = { type: "FetchFailed", status: "True" } as const;
const denied = { ...fetchFailed, reason: "AuthenticationFailed" };

/** Everything that the controllers said about a namespace, and all that they logged. */
async function everythingSaid({ kube, namespace }: Scenario): Promise<string> {
  const resources = await Promise.all([
    kube.resourceOf("v1", "Event"),
    kube.resourceOf("source.toolkit.fluxcd.io/v1", "GitRepository"),
  ]);
  const lists = await Promise.all(
    resources.map(async (resource) => (resource ? (await kube.list({ resource, namespace })).objects : [])),
  );
  const statuses = lists.flat().map((object) => ({ ...object, spec: undefined, metadata: object.metadata.name }));
  return JSON.stringify([statuses, harness.events.events]) + (await readLogs(harness));
}

suite("credentials of a GitRepository", { concurrency: 4 }, () => {
  test("username and password", async () => {
    await using scenario = await startGuarded("basic", { basicAuth: user });
    await scenario.apply(secret("auth", user) + gitRepository(withSecret));
    await scenario.untilReady("GitRepository/repo");
    assert.ok(scenario.server.requests().some(({ authorization }) => authorization === "basic"));
  });

  test("a bearer token", async () => {
    await using scenario = await startGuarded("bearer", { bearerToken: "t0ken-of-ci" });
    await scenario.apply(secret("auth", { bearerToken: "t0ken-of-ci" }) + gitRepository(withSecret));
    await scenario.untilReady("GitRepository/repo");
    assert.ok(scenario.server.requests().some(({ authorization }) => authorization === "bearer"));
  });

  test("in the URL, where no Secret has any", async () => {
    await using scenario = await startGuarded("in-url", { basicAuth: { username: "bob", password: "url-pa55" } });
    const url = scenario.repository.url.replace("//", "//bob:url-pa55@");
    await scenario.apply(gitRepository().replace("{{url}}", url));
    const ready = await scenario.untilReady("GitRepository/repo");
    assert.ok(!JSON.stringify(ready["status"]).includes("url-pa55"));
  });

  test("a wrong password fails the fetch, and the right one mends it", async () => {
    await using scenario = await startGuarded("wrong-password", { basicAuth: user });
    await scenario.apply(secret("auth", { ...user, password: "not-it" }) + gitRepository(withSecret));
    await scenario.untilCondition("GitRepository/repo", fetchFailed);
    await scenario.untilCondition("GitRepository/repo", { type: "Ready", status: "False" });
    await scenario.apply(secret("auth", user));
    const ready = await scenario.untilReady("GitRepository/repo");
    assert.equal(conditionOf(ready, "FetchFailed"), undefined);
  });

  test("a Secret that comes later is found without a change of the object", async () => {
    await using scenario = await startGuarded("late-secret", { basicAuth: user });
    await scenario.apply(gitRepository(withSecret));
    await scenario.untilCondition("GitRepository/repo", denied);
    await scenario.apply(secret("auth", user));
    await scenario.untilReady("GitRepository/repo");
  });

  test("a password without a username is rejected before the server is asked", async () => {
    await using scenario = await startGuarded("no-username", { basicAuth: user });
    await scenario.apply(secret("auth", { password: user.password }) + gitRepository(withSecret));
    await scenario.untilCondition("GitRepository/repo", denied);
    assert.deepEqual(scenario.server.requests(), []);
  });

  testBeyondFlux(
    () => harness,
    "a wrong password has the reason AuthenticationFailed, and words that help",
    async () => {
      await using scenario = await startGuarded("wrong-words", { basicAuth: user });
      await scenario.apply(secret("auth", { ...user, password: "not-it" }) + gitRepository(withSecret));
      await scenario.untilCondition("GitRepository/repo", denied);
      const object = await scenario.untilCondition("GitRepository/repo", { type: "Ready", reason: denied.reason });
      assert.match(conditionOf(object, "Ready")?.message ?? "", /rejected the credentials \(HTTP 401\)/);
    },
  );

  testBeyondFlux(
    () => harness,
    "missing credentials are asked for by the name of the field",
    async () => {
      await using scenario = await startGuarded("no-secret", { basicAuth: user });
      await scenario.apply(gitRepository());
      const object = await scenario.untilCondition("GitRepository/repo", denied);
      assert.match(conditionOf(object, "FetchFailed")?.message ?? "", /spec\.secretRef/);
    },
  );
});

suite("private authorities of a GitRepository", { concurrency: 4 }, () => {
  const other = createCertificateAuthority("another authority").certificate;
  const ownCa = ({ server }: Guarded) => server.ca ?? assert.fail("the server has TLS");

  test("ca.crt", async () => {
    await using scenario = await startGuarded("ca", { tls: true, basicAuth: user });
    await scenario.apply(secret("auth", { ...user, "ca.crt": ownCa(scenario) }) + gitRepository(withSecret));
    await scenario.untilReady("GitRepository/repo");
  });

  test("caFile, the old name, counts where there is no ca.crt", async () => {
    await using scenario = await startGuarded("ca-file", { tls: true });
    await scenario.apply(secret("auth", { caFile: ownCa(scenario) }) + gitRepository(withSecret));
    await scenario.untilReady("GitRepository/repo");
  });

  test("caFile is not read beside ca.crt", async () => {
    await using scenario = await startGuarded("ca-both", { tls: true });
    await scenario.apply(secret("auth", { "ca.crt": other, caFile: ownCa(scenario) }) + gitRepository(withSecret));
    await scenario.untilCondition("GitRepository/repo", { ...fetchFailed, reason: "GitOperationFailed" });
  });

  test("without its authority a server is not trusted, and the message says why", async () => {
    await using scenario = await startGuarded("no-ca", { tls: true });
    await scenario.apply(gitRepository());
    const object = await scenario.untilCondition("GitRepository/repo", fetchFailed);
    assert.match(conditionOf(object, "FetchFailed")?.message ?? "", /unknown authority/);
    await scenario.apply(secret("auth", { "ca.crt": ownCa(scenario) }) + gitRepository(withSecret));
    await scenario.untilReady("GitRepository/repo");
  });
});

suite("proxies of a GitRepository", { concurrency: 4 }, () => {
  const spec = "  ref: {branch: main}\n  proxySecretRef: {name: proxy}";

  test("all requests go through it, with its credentials", async () => {
    await using proxy = await startProxy({ credentials: "carol:pr0xy-pa55" });
    await using scenario = await startGuarded("proxy", {});
    const values = { address: proxy.url, username: "carol", password: "pr0xy-pa55" };
    await scenario.apply(secret("proxy", values) + gitRepository(spec));
    await scenario.untilReady("GitRepository/repo");
    const { host } = new URL(scenario.server.url);
    assert.deepEqual([...new Set(proxy.targets)], [host]);
  });

  test("to a server with TLS and credentials of its own", async () => {
    await using proxy = await startProxy();
    await using scenario = await startGuarded("proxy-tls", { tls: true, basicAuth: user });
    const auth = secret("auth", { ...user, "ca.crt": scenario.server.ca ?? "" });
    await scenario.apply(
      `${auth}${secret("proxy", { address: proxy.url })}${gitRepository(`${spec}\n  secretRef: {name: auth}`)}`,
    );
    await scenario.untilReady("GitRepository/repo");
    assert.ok(proxy.targets.length > 0);
  });

  test("one that is not there, or rejects, fails the fetch; there is no way around it", async () => {
    await using proxy = await startProxy({ credentials: "carol:pr0xy-pa55" });
    await using scenario = await startGuarded("proxy-rejects", {});
    await scenario.apply(
      [
        secret("proxy", { address: proxy.url, username: "carol", password: "wr0ng-pr0xy-pa55" }),
        secret("gone", { address: "http://127.0.0.1:1" }),
        gitRepository(spec),
        gitRepository(spec.replace("name: proxy", "name: gone"), "other"),
      ].join(""),
    );
    for (const name of ["repo", "other"]) await scenario.untilCondition(`GitRepository/${name}`, fetchFailed);
    assert.deepEqual(scenario.server.requests(), []);
    assert.ok(proxy.rejected() > 0);
  });
});

suite("secrets of a GitRepository", () => {
  testBeyondFlux(
    () => harness,
    "are in no status, no event and no log, neither as they are nor as they are sent",
    async () => {
      await using scenario = await startGuarded("leaks", { basicAuth: user });
      const inUrl = scenario.repository.url.replace("//", "//erin:er1ns-pa55@");
      const bearer = gitRepository("  secretRef: {name: bearer}\n  timeout: 5s", "bearer");
      const proxied = gitRepository("  secretRef: {name: auth}\n  proxySecretRef: {name: proxy}", "proxied");
      await scenario.apply(
        [
          secret("auth", { ...user, password: "wr0ng-pa55" }) + gitRepository(withSecret),
          secret("bearer", { bearerToken: "b3arer-of-frank" }) + bearer,
          secret("proxy", { address: "http://127.0.0.1:1", username: "dave", password: "dav3s-pr0xy" }) + proxied,
          gitRepository("", "url").replace("{{url}}", inUrl),
        ].join(""),
      );
      for (const name of ["repo", "bearer", "proxied", "url"]) {
        await scenario.untilCondition(`GitRepository/${name}`, { type: "Ready", status: "False" });
      }
      const said = await everythingSaid(scenario);
      assert.ok(said.includes(scenario.namespace), "the controllers log what they do");
      const secrets = [
        "pa55-of-alice",
        "t0ken-of-ci",
        "url-pa55",
        "wr0ng-pa55",
        "b3arer-of-frank",
        "dav3s-pr0xy",
        "er1ns-pa55",
        "pr0xy-pa55",
      ];
      const sent = ["alice:wr0ng-pa55", "erin:er1ns-pa55", "dave:dav3s-pr0xy"].map((text) =>
        Buffer.from(text).toString("base64"),
      );
      for (const text of [...secrets, ...sent]) assert.ok(!said.includes(text), `${text} was said`);
    },
  );
});
