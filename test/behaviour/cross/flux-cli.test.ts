/**
 * The unchanged `flux` command with Leat's controllers: what it prints, and what its commands change in the cluster.
 */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, suite } from "node:test";
import { openPrivateDirectory, startGitServer } from "@leat/testing";
import { dataOf, deploy, push } from "../../harness/deploy.ts";
import { flux, fluxDone, hasFluxCli, rowsIn, testFluxCli } from "../../harness/flux-cli.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  if (hasFluxCli) harness = await sharedHarness();
});
after(async () => {
  if (hasFluxCli) await harness[Symbol.asyncDispose]();
});

const one = { "app/one.yaml": configMap("one") };
/** How it writes a revision in a table. */
const short = (sha: string) => `main@sha1:${sha.slice(0, 8)}`;
const whole = (sha: string) => `main@sha1:${sha}`;

suite("flux create", { concurrency: 4 }, () => {
  testFluxCli("source git and kustomization: ends when they are ready, and says at which revision", async () => {
    await using scenario = await startScenario(harness, "cli-create");
    const sha = await scenario.commit(one);
    const { url } = scenario.repository;
    const fetched = await fluxDone(scenario, "create", "source", "git", "repo", `--url=${url}`, "--branch=main");
    assert.match(fetched.stderr, /GitRepository source reconciliation completed/);
    assert.ok(fetched.stderr.includes(`fetched revision: ${whole(sha)}`), fetched.stderr);

    const spec = ["--source=GitRepository/repo", "--path=./app", "--prune", "--wait"];
    const applied = await fluxDone(scenario, "create", "kustomization", "app", ...spec);
    assert.match(applied.stderr, /Kustomization app is ready/);
    assert.ok(applied.stderr.includes(`applied revision ${whole(sha)}`), applied.stderr);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });
  });

  testFluxCli("again with another branch: ends when that is fetched", async () => {
    await using scenario = await startScenario(harness, "cli-update");
    await scenario.commit(one);
    const { url } = scenario.repository;
    const next = await scenario.commit({ "app/one.yaml": configMap("one", "2") }, "next");
    await fluxDone(scenario, "create", "source", "git", "repo", `--url=${url}`, "--branch=main");
    const updated = await fluxDone(scenario, "create", "source", "git", "repo", `--url=${url}`, "--branch=next");
    assert.ok(updated.stderr.includes(`fetched revision: next@sha1:${next}`), updated.stderr);
  });

  testFluxCli("secret git: opens the repository", async () => {
    const [username, password] = ["alice", "pa55-of-alice"];
    await using server = await startGitServer({ basicAuth: { username, password } });
    await using scenario = await startScenario(harness, "cli-secret", server);
    const sha = await scenario.commit(one);
    const { url } = scenario.repository;
    const credentials = [`--username=${username}`, `--password=${password}`];
    await fluxDone(scenario, "create", "secret", "git", "auth", `--url=${url}`, ...credentials);
    const source = ["create", "source", "git", "repo", `--url=${url}`, "--branch=main", "--secret-ref=auth"];
    assert.ok((await fluxDone(scenario, ...source)).stderr.includes(whole(sha)));
  });

  testFluxCli("kustomization with a path that does not exist: waits in vain, and says so", async () => {
    await using scenario = await startScenario(harness, "cli-vain");
    await scenario.commit(one);
    await scenario.apply(gitRepository());
    const spec = ["--source=GitRepository/repo", "--path=./nope", "--timeout=5s"];
    const answer = await flux(scenario, "create", "kustomization", "app", ...spec);
    assert.equal(answer.exitCode, 1);
    const listed = await fluxDone(scenario, "get", "kustomizations");
    const [, row = []] = rowsIn(listed.stdout);
    assert.deepEqual(row.slice(0, 4), ["app", "", "False", "False"]);
    assert.match(row[4] ?? "", /nope/);
  });
});

suite("flux get", { concurrency: 4 }, () => {
  testFluxCli("all: revision, suspension, readiness and message of each", async () => {
    await using scenario = await startScenario(harness, "cli-get");
    const sha = await deploy(scenario, one);
    const columns = ["NAME", "REVISION", "SUSPENDED", "READY", "MESSAGE"];
    const fetched = `stored artifact for revision '${short(sha)}'`;
    const applied = `Applied revision: ${short(sha)}`;
    const { stdout } = await fluxDone(scenario, "get", "all");
    assert.deepEqual(rowsIn(stdout), [
      columns,
      ["gitrepository/repo", short(sha), "False", "True", fetched],
      columns,
      ["kustomization/app", short(sha), "False", "True", applied],
    ]);
    const everywhere = rowsIn((await fluxDone(scenario, "get", "all", "-A")).stdout);
    assert.deepEqual(everywhere[0], ["NAMESPACE", ...columns]);
    assert.deepEqual(
      everywhere.filter(([namespace]) => namespace === scenario.namespace),
      [
        [scenario.namespace, "gitrepository/repo", short(sha), "False", "True", fetched],
        [scenario.namespace, "kustomization/app", short(sha), "False", "True", applied],
      ],
    );
    const sources = rowsIn((await fluxDone(scenario, "get", "sources", "git")).stdout);
    assert.deepEqual(sources, [columns, ["repo", short(sha), "False", "True", fetched]]);
    const withSource = rowsIn((await fluxDone(scenario, "get", "ks", "app", "--show-source")).stdout);
    assert.deepEqual(withSource[1], [
      "app",
      `GitRepository/${scenario.namespace}/repo`,
      short(sha),
      "False",
      "True",
      applied,
    ]);
  });

  testFluxCli("--status-selector: those that are ready, or not", async () => {
    await using scenario = await startScenario(harness, "cli-selector");
    await deploy(scenario, { ...one, "broken/two.yaml": "a: [" });
    await scenario.apply(kustomization("broken", "  path: ./broken\n  prune: true"));
    await scenario.untilCondition("Kustomization/broken", { type: "Ready", status: "False" });
    const named = async (selector: string) => {
      const { stdout } = await fluxDone(scenario, "get", "ks", "--no-header", "--status-selector", selector);
      return rowsIn(stdout).map(([name]) => name);
    };
    assert.deepEqual(await named("ready=true"), ["app"]);
    assert.deepEqual(await named("ready=false"), ["broken"]);
  });
});

suite("flux reconcile", { concurrency: 4 }, () => {
  testFluxCli("source git: fetches what is new", async () => {
    await using scenario = await startScenario(harness, "cli-fetch");
    await deploy(scenario, one);
    const sha = await scenario.commit({ "app/one.yaml": configMap("one", "2") });
    const { stderr } = await fluxDone(scenario, "reconcile", "source", "git", "repo");
    assert.ok(stderr.includes(`fetched revision ${whole(sha)}`), stderr);
  });

  testFluxCli("kustomization --with-source: applies what is new", async () => {
    await using scenario = await startScenario(harness, "cli-reconcile");
    await deploy(scenario, one);
    const sha = await scenario.commit({ "app/one.yaml": configMap("one", "2") });
    const { stderr } = await fluxDone(scenario, "reconcile", "kustomization", "app", "--with-source");
    assert.ok(stderr.includes(`fetched revision ${whole(sha)}`), stderr);
    assert.ok(stderr.includes(`applied revision ${whole(sha)}`), stderr);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "2" });
  });

  testFluxCli("kustomization: corrects drift", async () => {
    await using scenario = await startScenario(harness, "cli-drift");
    const sha = await deploy(scenario, one);
    await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
    const { stderr } = await fluxDone(scenario, "reconcile", "kustomization", "app");
    assert.ok(stderr.includes(`applied revision ${whole(sha)}`), stderr);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });
  });

  testFluxCli("what has stalled: fails at once, with its message", async () => {
    await using scenario = await startScenario(harness, "cli-stalled");
    await deploy(scenario, one);
    const spec = '  path: ./app\n  prune: true\n  dependsOn: [{name: app, readyExpr: "dep.("}]';
    await scenario.apply(kustomization("stalled", spec));
    await scenario.untilCondition("Kustomization/stalled", { type: "Stalled", status: "True" });
    const { exitCode, stderr } = await flux(scenario, "reconcile", "kustomization", "stalled");
    assert.equal(exitCode, 1);
    assert.match(stderr, /readyExpr|expression/);
  });
});

suite("flux suspend and resume", { concurrency: 4 }, () => {
  testFluxCli("kustomization: nothing is applied in between, and all of it then", async () => {
    await using scenario = await startScenario(harness, "cli-suspend");
    await deploy(scenario, one);
    const suspended = await fluxDone(scenario, "suspend", "kustomization", "app");
    assert.match(suspended.stderr, /kustomization suspended/);
    const sha = await push(scenario, { "app/one.yaml": configMap("one", "2") });
    const [, row = []] = rowsIn((await fluxDone(scenario, "get", "ks", "app")).stdout);
    assert.deepEqual([row[2], row[3]], ["True", "True"]);
    const rejected = await flux(scenario, "reconcile", "kustomization", "app");
    assert.deepEqual([rejected.exitCode, rejected.stderr.includes("resource is suspended")], [1, true]);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });

    const resumed = await fluxDone(scenario, "resume", "kustomization", "app", "--wait");
    assert.ok(resumed.stderr.includes(`applied revision ${whole(sha)}`), resumed.stderr);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "2" });
  });

  testFluxCli("source git: what is new is fetched when it goes on", async () => {
    await using scenario = await startScenario(harness, "cli-suspend-source");
    await deploy(scenario, one);
    await fluxDone(scenario, "suspend", "source", "git", "repo");
    const sha = await scenario.commit({ "app/one.yaml": configMap("one", "2") });
    const { stderr } = await fluxDone(scenario, "resume", "source", "git", "repo");
    assert.ok(stderr.includes(`fetched revision: ${whole(sha)}`) || stderr.includes(whole(sha)), stderr);
    await scenario.untilReady("Kustomization/app", sha);
  });

  testFluxCli("--all: every one of the namespace", async () => {
    await using scenario = await startScenario(harness, "cli-suspend-all");
    await deploy(scenario, { ...one, "other/two.yaml": configMap("two") });
    await scenario.apply(kustomization("other", "  path: ./other\n  prune: true"));
    await scenario.untilReady("Kustomization/other");
    await fluxDone(scenario, "suspend", "kustomization", "--all");
    const suspended = async () =>
      rowsIn((await fluxDone(scenario, "get", "ks", "--no-header")).stdout).map(([name, , isSuspended]) => [
        name,
        isSuspended,
      ]);
    assert.deepEqual(await suspended(), [
      ["app", "True"],
      ["other", "True"],
    ]);
    const { stderr } = await fluxDone(scenario, "resume", "kustomization", "--all", "--wait");
    assert.equal(stderr.match(/reconciliation completed/g)?.length, 2);
    assert.deepEqual(await suspended(), [
      ["app", "False"],
      ["other", "False"],
    ]);
  });
});

suite("flux export and delete", { concurrency: 4 }, () => {
  testFluxCli("what is exported and deleted can be applied again", async () => {
    await using scenario = await startScenario(harness, "cli-export");
    const sha = await deploy(scenario, one);
    const source = await fluxDone(scenario, "export", "source", "git", "repo");
    const app = await fluxDone(scenario, "export", "kustomization", "app");
    const deleted = await fluxDone(scenario, "delete", "kustomization", "app", "--silent");
    assert.match(deleted.stderr, /kustomization deleted/);
    await fluxDone(scenario, "delete", "source", "git", "repo", "--silent");
    for (const subject of ["Kustomization/app", "ConfigMap/one", "GitRepository/repo"])
      await scenario.untilGone(subject);
    assert.deepEqual(rowsIn((await fluxDone(scenario, "get", "all")).stdout), []);

    await scenario.apply(`${source.stdout}${app.stdout}`);
    await scenario.untilReady("Kustomization/app", sha);
  });
});

suite("flux trace, tree, events and stats", { concurrency: 4 }, () => {
  testFluxCli("trace: from an object to its Kustomization and its source", async () => {
    await using scenario = await startScenario(harness, "cli-trace");
    const sha = await deploy(scenario, one);
    const { stdout } = await fluxDone(scenario, "trace", "configmap/one");
    const said = stdout.split("\n").map((line) => line.split(/:\s+/, 2));
    const valuesOf = (key: string) => said.flatMap(([name, value]) => (name === key ? [value] : []));
    assert.deepEqual(valuesOf("Object"), ["ConfigMap/one"]);
    assert.deepEqual(valuesOf("Kustomization"), ["app"]);
    assert.deepEqual(valuesOf("GitRepository"), ["repo"]);
    assert.deepEqual(valuesOf("Branch"), ["main"]);
    assert.deepEqual(valuesOf("Revision"), [whole(sha), whole(sha)]);
    assert.deepEqual(
      valuesOf("Status").map((status) => status?.slice(0, 18)),
      ["Managed by Flux", "Last reconciled at", "Last reconciled at"],
    );
    assert.ok(stdout.includes(`Message:         Applied revision: ${whole(sha)}`), stdout);
  });

  testFluxCli("tree: all that a Kustomization has applied, through those that it has applied", async () => {
    await using scenario = await startScenario(harness, "cli-tree");
    const inner = kustomization("inner", "  path: ./inner\n  prune: true").replace(
      /name: inner/,
      'name: inner, namespace: "{{ns}}"',
    );
    await deploy(scenario, { ...one, "app/inner.yaml": inner, "inner/two.yaml": configMap("two") });
    await scenario.untilReady("Kustomization/inner");
    const { stdout } = await fluxDone(scenario, "tree", "kustomization", "app");
    const ns = scenario.namespace;
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      `Kustomization/${ns}/app`,
      `├── ConfigMap/${ns}/one`,
      `└── Kustomization/${ns}/inner`,
      `    └── ConfigMap/${ns}/two`,
    ]);
  });

  testFluxCli("events: of an object and its source, or the warnings alone", async () => {
    await using scenario = await startScenario(harness, "cli-events");
    await deploy(scenario, one);
    const listed = async (...args: string[]) => {
      const { stdout } = await fluxDone(scenario, "events", "--for", "Kustomization/app", ...args);
      const rows = rowsIn(stdout).slice(1);
      return rows.map(([, type, reason, object, message]) => [type, reason, object, message?.split(/ in | for /)[0]]);
    };
    const told = (await listed()).map((cells) => cells.join(" "));
    assert.deepEqual(told.toSorted(), [
      "Normal NewArtifact GitRepository/repo stored artifact",
      `Normal Progressing Kustomization/app ConfigMap/${scenario.namespace}/one created`,
      "Normal ReconciliationSucceeded Kustomization/app Reconciliation finished",
    ]);
    await push(scenario, { "app/one.yaml": "a: [" });
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
    const warnings = (await listed("--types", "Warning")).map((row) => row.slice(0, 3));
    assert.deepEqual(warnings, [["Warning", "BuildFailed", "Kustomization/app"]]);
  });

  testFluxCli("stats: how many there are, how many fail and are suspended, and how much is stored", async () => {
    await using scenario = await startScenario(harness, "cli-stats");
    await deploy(scenario, { ...one, "broken/two.yaml": "a: [" });
    await scenario.apply(kustomization("broken", "  path: ./broken\n  prune: true"));
    await scenario.untilCondition("Kustomization/broken", { type: "Ready", status: "False" });
    await fluxDone(scenario, "suspend", "kustomization", "app");
    const rows = rowsIn((await fluxDone(scenario, "stats")).stdout);
    const rowOf = (kind: string) => rows.find(([name]) => name === kind) ?? [];
    assert.deepEqual(rowOf("Kustomization").slice(1), ["1", "1", "1", "-"]);
    assert.deepEqual(rowOf("GitRepository").slice(1, 4), ["1", "0", "0"]);
    assert.match(rowOf("GitRepository")[4] ?? "", /^\d+ B$/);
  });

  testFluxCli("debug kustomization: status and variables", async () => {
    await using scenario = await startScenario(harness, "cli-debug");
    await deploy(scenario, one, "  path: ./app\n  prune: true\n  postBuild: {substitute: {who: me}}");
    assert.match(
      (await fluxDone(scenario, "debug", "ks", "app", "--show-status")).stdout,
      /reason: ReconciliationSucceeded/,
    );
    assert.match((await fluxDone(scenario, "debug", "ks", "app", "--show-history")).stdout, /ReconciliationSucceeded/);
    assert.match((await fluxDone(scenario, "debug", "ks", "app", "--show-vars")).stdout, /who="?me/);
  });

  testFluxCli("check --pre: the cluster will do", async () => {
    await using scenario = await startScenario(harness, "cli-check");
    assert.match((await fluxDone(scenario, "check", "--pre")).stderr, /prerequisites checks passed/);
  });
});

suite("flux build and diff kustomization", { concurrency: 4 }, () => {
  /** Writes files where it can build them; gives the directory `app` of these. */
  async function writeApp({ namespace }: Scenario, directory: string, files: Record<string, string>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content.replaceAll("{{ns}}", namespace));
    }
    return join(directory, "app");
  }
  const diff = async (scenario: Scenario, path: string) =>
    flux(scenario, "diff", "kustomization", "app", "--path", path, "--progress-bar=false");

  testFluxCli("build: what is applied, with the variables of the cluster", async () => {
    await using directory = await openPrivateDirectory();
    await using scenario = await startScenario(harness, "cli-build");
    await scenario.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars}\ndata: {who: me}\n");
    const files = { "app/one.yaml": configMap("one", "${who}") };
    await deploy(
      scenario,
      files,
      "  path: ./app\n  prune: true\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}",
    );
    const path = await writeApp(scenario, directory.path, files);
    const { stdout } = await fluxDone(scenario, "build", "kustomization", "app", "--path", path);
    assert.match(stdout, /value: me/);
    assert.match(stdout, /kustomize\.toolkit\.fluxcd\.io\/name: app/);
    const { exitCode, stdout: differences } = await diff(scenario, path);
    assert.deepEqual([exitCode, differences], [0, ""]);
  });

  testFluxCli("diff: what a change would create, configure and delete", async () => {
    await using directory = await openPrivateDirectory();
    await using scenario = await startScenario(harness, "cli-diff");
    const files = { ...one, "app/two.yaml": configMap("two") };
    await deploy(scenario, files);
    const same = await writeApp(scenario, join(directory.path, "same"), files);
    assert.equal((await diff(scenario, same)).exitCode, 0);

    const next = { "app/one.yaml": configMap("one", "2"), "app/three.yaml": configMap("three") };
    const { exitCode, stdout } = await diff(scenario, await writeApp(scenario, join(directory.path, "next"), next));
    assert.equal(exitCode, 1);
    const ns = scenario.namespace;
    assert.deepEqual(stdout.match(/^► .*$/gm), [
      `► ConfigMap/${ns}/one drifted`,
      `► ConfigMap/${ns}/three created`,
      `► ConfigMap/${ns}/two deleted`,
    ]);
    assert.match(stdout, /data\.value\n± value change\n- 1\n\+ 2/);
  });

  testFluxCli("diff: what somebody has changed by hand", async () => {
    await using directory = await openPrivateDirectory();
    await using scenario = await startScenario(harness, "cli-diff-hand");
    await deploy(scenario, one);
    await fluxDone(scenario, "suspend", "kustomization", "app");
    await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
    const { exitCode, stdout } = await diff(scenario, await writeApp(scenario, directory.path, one));
    assert.equal(exitCode, 1);
    assert.match(stdout, /- by hand\n\+ 1/);
  });

  testFluxCli("diff: nothing, of more than 30 kinds as people write them", async () => {
    await using directory = await openPrivateDirectory();
    await using scenario = await startScenario(harness, "cli-diff-kinds");
    const manyKinds = await readFile(join(import.meta.dirname, "fixtures/many-kinds.yaml"), "utf8");
    const files = { "app/all.yaml": manyKinds };
    await deploy(scenario, files);
    const { exitCode, stdout, stderr } = await diff(scenario, await writeApp(scenario, directory.path, files));
    assert.deepEqual([exitCode, stdout], [0, ""], stderr);
  });
});
