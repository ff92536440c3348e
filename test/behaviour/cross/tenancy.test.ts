/**
 * A hostile tenant under the multi-tenancy flags: nothing is read or changed beyond the rights of its ServiceAccount.
 */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, deploy, inventoryOf, postedAbout, rerun } from "../../harness/deploy.ts";
import { readLogs } from "../../harness/harness.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { configMap, gitRepository, kustomization, secret } from "../../harness/manifests.ts";
import { conditionOf, type Files, type Scenario, startScenario } from "../../harness/scenario.ts";

const treasure = "what-only-the-victim-may-know-4711";
const leftAlone = { metadata: { annotations: { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" } } };

let harness: OwnHarness;
let victim: Scenario;
before(async () => {
  const flags = ["--no-cross-namespace-refs=true", "--no-remote-bases=true", "--default-service-account=tenant"];
  const values = { multitenancy: { enabled: true } };
  harness = await startHarness({ values, args: { "kustomize-controller": flags } });
  victim = await startScenario(harness, "victim");
  await victim.apply(account());
  const files = {
    "app/theirs.yaml": configMap("theirs"),
    "app/left.yaml": configMap("left"),
    "app/treasure.yaml": secret("treasure", { value: treasure }).replace(
      "name: treasure",
      'name: treasure, namespace: "{{ns}}"',
    ),
  };
  await deploy(victim, files, `  path: ./app\n  prune: true\n  postBuild: {substitute: {value: ${treasure}}}`);
  await victim.edit("ConfigMap/left", leftAlone);
  assert.ok(holdsTreasure(await stateOf(victim)), "what is looked for can be found");
});
after(async () => {
  await victim[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

/** A ServiceAccount that may do much in its own namespace: the one that acts where none is named. */
function account(): string {
  return `apiVersion: v1
kind: ServiceAccount
metadata: {name: tenant}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: tenant}
rules:
- apiGroups: ["", rbac.authorization.k8s.io, kustomize.toolkit.fluxcd.io]
  resources: [configmaps, secrets, roles, rolebindings, kustomizations]
  verbs: [get, list, watch, create, update, patch, delete]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tenant}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: tenant}
subjects: [{kind: ServiceAccount, name: tenant, namespace: "{{ns}}"}]
---
`;
}

async function startTenant(): Promise<Scenario> {
  const scenario = await startScenario(harness, "tenant");
  const fill = (text: string) => text.replaceAll("{{victim}}", victim.namespace);
  const filled = (files: Files) =>
    Object.fromEntries(
      Object.entries(files).map(([path, content]) => [path, typeof content === "string" ? fill(content) : content]),
    );
  await scenario.apply(account());
  return {
    ...scenario,
    commit: async (files, branch) => scenario.commit(filled(files), branch),
    apply: async (manifests) => scenario.apply(fill(manifests)),
  };
}

/** All that a tenant could read in its namespace, as one text. */
async function stateOf({ kube, namespace }: Scenario): Promise<string> {
  const kinds = [
    ["v1", "ConfigMap"],
    ["v1", "Secret"],
    ["v1", "Event"],
    ["source.toolkit.fluxcd.io/v1", "GitRepository"],
    ["kustomize.toolkit.fluxcd.io/v1", "Kustomization"],
  ] as const;
  const lists = kinds.map(async ([apiVersion, kind]) => {
    const resource = await kube.resourceOf(apiVersion, kind);
    assert.ok(resource);
    return (await kube.list({ resource, namespace })).objects;
  });
  return JSON.stringify(await Promise.all(lists));
}

/** What the programs have said to anybody. */
async function said(): Promise<string> {
  return JSON.stringify(harness.events.events) + (await readLogs(harness));
}

function holdsTreasure(text: string): boolean {
  return [treasure, Buffer.from(treasure).toString("base64")].some((spelling) => text.includes(spelling));
}

/** The victim has all it had, as it was, and nobody has learnt of it. */
async function assertUnharmed(tenant: Scenario): Promise<void> {
  assert.ok(!holdsTreasure(await stateOf(tenant)), "the tenant's namespace shows the victim's Secret");
  assert.ok(!holdsTreasure(await said()), "an event or a log line shows the victim's Secret");
  const owner = await victim.get("Kustomization/app");
  assert.equal(conditionOf(owner, "Ready")?.status, "True");
  assert.equal(inventoryOf(owner).length, 3);
  assert.deepEqual(dataOf(await victim.get("ConfigMap/theirs")), { value: "1" });
  for (const subject of ["ConfigMap/theirs", "ConfigMap/left", "Secret/treasure"]) {
    const labels = (await victim.get(subject))?.metadata.labels;
    assert.equal(labels?.["kustomize.toolkit.fluxcd.io/namespace"], victim.namespace, subject);
  }
  for (const subject of ["ConfigMap/intruder", "Kustomization/inner"])
    assert.equal(await victim.get(subject), undefined);
}

interface Attempt {
  files?: Files;
  /** Of the Kustomization, in the place of the path. */
  spec?: string;
  /** Namespace of the source. */
  source?: string;
  reason: string;
  /** Of the message; `{{ns}}` and `{{victim}}` are filled in. */
  words: string;
}

const own = { "app/one.yaml": configMap("one") };

/** Nothing of the tenant's is applied either where something of it is rejected. */
async function tryIt({ files = {}, spec = "  path: ./app", source = "{{ns}}", reason, words }: Attempt): Promise<void> {
  await using tenant = await startTenant();
  await tenant.commit({ ...own, ...files });
  const declared = kustomization("app", `${spec}\n  prune: true`);
  await tenant.apply(gitRepository() + declared.replace("name: repo}", `name: repo, namespace: "${source}"}`));
  const rejected = await tenant.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason });
  const expected = words.replaceAll("{{ns}}", tenant.namespace).replaceAll("{{victim}}", victim.namespace);
  assert.match(conditionOf(rejected, "Ready")?.message ?? "", new RegExp(expected, "s"));
  assert.equal(await tenant.get("ConfigMap/one"), undefined);
  await assertUnharmed(tenant);
}

function manifest(apiVersion: string, kind: string, name: string, rest = ""): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n${rest}`;
}

const rbac = "rbac.authorization.k8s.io/v1";
const toAdmin = `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: tenant, namespace: "{{ns}}"}]
`;
const theirs = configMap("theirs", "2").replace("{{ns}}", "{{victim}}");
const intruder = configMap("intruder").replace("{{ns}}", "{{victim}}");
const forbidden = "system:serviceaccount:{{ns}}:tenant.*(cannot|is attempting to grant)";

suite("a tenant with its own rights", { concurrency: 4 }, () => {
  test("has what these give", async () => {
    await using tenant = await startTenant();
    await deploy(tenant, own);
    assert.ok(await tenant.get("ConfigMap/one"));
    await assertUnharmed(tenant);
  });
});

suite("objects beyond the tenant's rights are rejected, and none of the others is applied:", { concurrency: 4 }, () => {
  const declared: Array<[about: string, content: string, subject: string]> = [
    ["an object in another namespace", intruder, "ConfigMap/{{victim}}/intruder"],
    ["an object that another's Kustomization owns", theirs, "ConfigMap/{{victim}}/theirs"],
    [
      "a Secret of another's",
      secret("treasure", { value: "mine" }).replace("name: treasure", "name: treasure, namespace: {{victim}}"),
      "Secret/{{victim}}/treasure",
    ],
    ["a ClusterRoleBinding", manifest(rbac, "ClusterRoleBinding", "{{ns}}", toAdmin), "ClusterRoleBinding/{{ns}}"],
    [
      "a ClusterRoleBinding within a List",
      `apiVersion: v1\nkind: List\nitems:\n- ${manifest(rbac, "ClusterRoleBinding", "{{ns}}", toAdmin).trim().replaceAll("\n", "\n  ")}\n`,
      "ClusterRoleBinding/{{ns}}",
    ],
    ["a Namespace", manifest("v1", "Namespace", "{{ns}}-more"), "Namespace/{{ns}}-more"],
    [
      "a kind",
      `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: traps.tenant.example.org}
spec:
  group: tenant.example.org
  scope: Namespaced
  names: {plural: traps, singular: trap, kind: Trap}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`,
      "CustomResourceDefinition/traps.tenant.example.org",
    ],
    [
      "a webhook",
      manifest("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "{{ns}}", "webhooks: []\n"),
      "MutatingWebhookConfiguration/{{ns}}",
    ],
    [
      "a RoleBinding to more than its own",
      manifest(rbac, "RoleBinding", "more", toAdmin).replace("name: more", 'name: more, namespace: "{{ns}}"'),
      "RoleBinding/{{ns}}/more",
    ],
    [
      "a Role that holds more than its own",
      manifest(rbac, "Role", "more", 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n').replace(
        "name: more",
        'name: more, namespace: "{{ns}}"',
      ),
      "Role/{{ns}}/more",
    ],
    [
      "a Kustomization for another's account",
      kustomization("inner").replace("name: inner", "name: inner, namespace: {{victim}}"),
      "Kustomization/{{victim}}/inner",
    ],
  ];
  for (const [about, content, subject] of declared) {
    test(about, () =>
      tryIt({ files: { "app/two.yaml": content }, reason: "ReconciliationFailed", words: `${subject}.*${forbidden}` }),
    );
  }
});

suite("what moves an object into another namespace does not make it appear there:", { concurrency: 4 }, () => {
  const moved = { reason: "ReconciliationFailed", words: `ConfigMap/{{victim}}/(one|intruder).*${forbidden}` };
  /** The server's answer, or that of a client which does not ask it. */
  const noPath = "is forbidden|may not contain '/'";
  const attempts: Array<Attempt & { about: string }> = [
    { about: "the target namespace", spec: "  path: ./app\n  targetNamespace: {{victim}}", ...moved },
    {
      about: "the namespace of a kustomization",
      files: { "app/kustomization.yaml": "namespace: {{victim}}\nresources: [one.yaml]\n" },
      ...moved,
    },
    {
      about: "a patch",
      spec: "  path: ./app\n  patches: [{target: {kind: ConfigMap}, patch: '- {op: replace, path: /metadata/namespace, value: {{victim}}}'}]",
      ...moved,
    },
    {
      about: "a variable",
      files: { "app/two.yaml": configMap("intruder").replace("{{ns}}", "${where}") },
      spec: "  path: ./app\n  postBuild: {substitute: {where: {{victim}}}}",
      ...moved,
    },
    { about: "no account in the spec", files: { "app/two.yaml": intruder }, ...moved },
    {
      about: "an empty account",
      files: { "app/two.yaml": intruder },
      spec: '  path: ./app\n  serviceAccountName: ""',
      ...moved,
    },
    {
      about: "another's account",
      files: { "app/two.yaml": intruder },
      spec: '  path: ./app\n  serviceAccountName: "{{victim}}:tenant"',
      reason: "ReconciliationFailed",
      words: "is forbidden",
    },
    {
      about: "an account that reads as a path",
      files: { "app/two.yaml": intruder },
      spec: '  path: ./app\n  serviceAccountName: "../{{victim}}/tenant"',
      reason: "ReconciliationFailed",
      words: "is forbidden",
    },
    {
      about: "a namespace that reads as a path",
      files: { "app/two.yaml": intruder.replace("{{victim}}", "../namespaces/{{victim}}") },
      reason: "ReconciliationFailed",
      words: noPath,
    },
    {
      about: "a name that reads as a path",
      files: { "app/two.yaml": configMap('"../../{{victim}}/configmaps/theirs"') },
      reason: "ReconciliationFailed",
      words: noPath,
    },
  ];
  for (const { about, ...attempt } of attempts) test(about, () => tryIt(attempt));

  // Flux's HTTP library rejects to send it: the condition has its words, and the request is made again at every interval.
  testBeyondFlux(
    () => harness,
    "an account with another header in it, which is told to be changed",
    () =>
      tryIt({
        files: { "app/two.yaml": intruder },
        spec: '  path: ./app\n  serviceAccountName: "tenant\\r\\nImpersonate-Group: system:masters"',
        reason: "InvalidReference",
        words: "is not a valid user or ServiceAccount name",
      }),
  );
});

suite("a reference to what is another's is rejected:", { concurrency: 4 }, () => {
  const names = ["treasure", "{{victim}}/treasure", "../../{{victim}}/secrets/treasure"];
  const fields: Array<[field: string, spec: (name: string) => string, reason: string]> = [
    ["substituteFrom", (name) => `postBuild: {substituteFrom: [{kind: Secret, name: "${name}"}]}`, "BuildFailed"],
    ["decryption", (name) => `decryption: {provider: sops, secretRef: {name: "${name}"}}`, "BuildFailed"],
    ["kubeConfig.secretRef", (name) => `kubeConfig: {secretRef: {name: "${name}"}}`, "ReconciliationFailed"],
    ["kubeConfig.configMapRef", (name) => `kubeConfig: {configMapRef: {name: "${name}"}}`, "ReconciliationFailed"],
  ];
  for (const [field, specOf, reason] of fields) {
    for (const name of names) {
      const words = `{{ns}}/${name}.*does not exist`;
      testBeyondFlux(
        () => harness,
        `${field} with the name ${name}`,
        () => tryIt({ spec: `  path: ./app\n  ${specOf(name)}`, reason, words }),
      );
    }
    testBeyondFlux(
      () => harness,
      `${field} with the name ..`,
      () =>
        tryIt({
          spec: `  path: ./app\n  ${specOf("..")}`,
          reason: "InvalidReference",
          words: "is not a valid object name",
        }),
    );
  }

  test("a Secret of a source", async () => {
    await using tenant = await startTenant();
    await tenant.commit(own);
    await tenant.apply(gitRepository("  ref: {branch: main}\n  secretRef: {name: treasure}"));
    const rejected = await tenant.untilCondition("GitRepository/repo", { type: "Ready", status: "False" });
    assert.match(conditionOf(rejected, "Ready")?.message ?? "", new RegExp(`${tenant.namespace}/treasure|not found`));
    await assertUnharmed(tenant);
  });

  testBeyondFlux(
    () => harness,
    "what another declares, as an answer to the expression of a dependency",
    () =>
      tryIt({
        spec: `  path: ./app
  dependsOn:
  - {name: app, namespace: "{{victim}}", readyExpr: "dep.spec.postBuild.substitute.value.startsWith('what')"}`,
        reason: "DependencyNotReady",
        words: "no such key: dep.spec",
      }),
  );

  test("a source", () =>
    tryIt({
      spec: "  path: ./app",
      source: "{{victim}}",
      reason: "AccessDenied",
      words: "GitRepository/{{victim}}/repo",
    }));
});

suite("a repository that reaches out of itself is not built:", { concurrency: 4 }, () => {
  /** Leat says where in the repository, Flux only that it is the build. */
  const failedBuild = () => (harness.stack.name === "leat" ? "app" : "kustomize build failed");
  const token = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  const lines: Array<[about: string, line: string, more?: Files]> = [
    ["a file by its absolute path", "resources: [/etc/hosts]"],
    ["a file above the repository", "resources: [../../../../../../etc/hosts]"],
    ["a directory above the repository", "resources: [../..]"],
    ["a component above the repository", "components: [../../..]"],
    ["a file URL", "resources: ['file:///etc/hosts']"],
    ["a Git URL", "resources: ['git::{{url}}?ref=main']"],
    ["a Git URL of a file", "resources: ['git::file:///etc']"],
    ["an HTTP base", "resources: ['http://127.0.0.1:1/base.yaml']"],
    ["the environment, in a ConfigMap", "configMapGenerator: [{name: loot, files: [/proc/self/environ]}]"],
    ["the environment, as variables", "configMapGenerator: [{name: loot, envs: [/proc/self/environ]}]"],
    ["the controller's token, in a ConfigMap", `configMapGenerator: [{name: loot, files: [${token}]}]`],
    ["the controller's token, in a Secret", `secretGenerator: [{name: loot, files: [token=${token}]}]`],
    [
      "a link to the environment",
      "configMapGenerator: [{name: loot, files: [link]}]",
      { "app/link": { symlink: "/proc/self/environ" } },
    ],
    ["a link out of the repository", "resources: [link]", { "app/link": { symlink: "../../../.." } }],
    ["a chart", "helmCharts: [{name: chart, repo: 'http://127.0.0.1:1'}]"],
    [
      "a program as its generator",
      "generators: [run.yaml]",
      {
        "app/run.yaml": manifest("example.org/v1", "Run", "run").replace(
          "name: run",
          "name: run, annotations: {config.kubernetes.io/function: 'exec: {path: /bin/sh}'}",
        ),
      },
    ],
    [
      "a container as its transformer",
      "transformers: [run.yaml]",
      {
        "app/run.yaml": manifest("example.org/v1", "Run", "run").replace(
          "name: run",
          "name: run, annotations: {config.kubernetes.io/function: 'container: {image: example.org/run}'}",
        ),
      },
    ],
    ["a transformer elsewhere", "transformers: [/etc/hosts]"],
    ["a schema elsewhere", "openapi: {path: /proc/self/environ}"],
    ["a replacement elsewhere", "replacements: [{path: /proc/self/environ}]"],
    ["a patch elsewhere", "patches: [{path: /proc/self/environ}]"],
    ["a configuration elsewhere", "configurations: [/proc/self/environ]"],
    ["kinds elsewhere", "crds: [/proc/self/environ]"],
  ];
  for (const [about, line, more] of lines) {
    const resources = line.startsWith("resources") ? "" : "resources: [one.yaml]\n";
    const files = { "app/kustomization.yaml": `${resources}${line}\n`, ...more };
    test(about, () => tryIt({ files, reason: "BuildFailed", words: failedBuild() }));
  }
});

suite("what a repository may name freely leads nowhere else:", { concurrency: 4 }, () => {
  test("a path above the repository is the repository's root", async () => {
    await using tenant = await startTenant();
    await deploy(tenant, own, "  path: ../../../..\n  prune: true");
    assert.deepEqual(inventoryOf(await tenant.get("Kustomization/app")), [`${tenant.namespace}_one__ConfigMap`]);
    await assertUnharmed(tenant);
  });

  test("a variable of the environment is no variable", async () => {
    await using tenant = await startTenant();
    const files = { "app/one.yaml": configMap("one", "${HOME:=none} ${PATH:=none} ${KUBECONFIG:=none}") };
    await deploy(tenant, files, "  path: ./app\n  prune: true\n  postBuild: {substitute: {a: b}}");
    assert.deepEqual(dataOf(await tenant.get("ConfigMap/one")), { value: "none none none" });
  });
});

suite("labels and inventories", { concurrency: 4 }, () => {
  // Under Flux the common metadata overwrites the owner's labels: the object looks as if it were the other's.
  testBeyondFlux(
    () => harness,
    "that name another's Kustomization make nothing its own",
    async () => {
      await using tenant = await startTenant();
      const labels = "kustomize.toolkit.fluxcd.io/name: app, kustomize.toolkit.fluxcd.io/namespace: {{victim}}";
      const labelled = configMap("one").replace("name: one", `labels: {${labels}}, name: one`);
      await tenant.commit({ "app/one.yaml": labelled });
      await tenant.apply(
        gitRepository() + kustomization("app", `  path: ./app\n  prune: true\n  commonMetadata: {labels: {${labels}}}`),
      );
      await tenant.untilReady("Kustomization/app");
      await rerun(victim);
      const found = (await tenant.get("ConfigMap/one"))?.metadata.labels;
      assert.equal(found?.["kustomize.toolkit.fluxcd.io/namespace"], tenant.namespace);
      await assertUnharmed(tenant);
    },
  );

  test("that were forged delete nothing of another's", async () => {
    await using tenant = await startTenant();
    await deploy(tenant, own);
    await tenant.apply(configMap("unowned"));
    const forged = [
      [tenant.namespace, "unowned", "ConfigMap"],
      [victim.namespace, "theirs", "ConfigMap"],
      [victim.namespace, "treasure", "Secret"],
    ].map(([namespace, name, kind]) => ({ id: `${namespace}_${name}__${kind}`, v: "v1" }));
    await tenant.editStatus("Kustomization/app", { inventory: { entries: forged } });
    await tenant.request("Kustomization/app");
    const rejected = await tenant.untilCondition("Kustomization/app", {
      type: "Ready",
      status: "False",
      reason: "PruneFailed",
    });
    assert.match(conditionOf(rejected, "Ready")?.message ?? "", new RegExp(`${victim.namespace}.*cannot`, "s"));
    assert.ok(await tenant.get("ConfigMap/unowned"));
    await assertUnharmed(tenant);
    await tenant.edit("Kustomization/app", { spec: { deletionPolicy: "Orphan" } });
  });

  test("that were forged delete nothing of another's when the Kustomization is deleted", async () => {
    await using tenant = await startTenant();
    await deploy(tenant, own);
    const forged = [
      ["theirs", "ConfigMap"],
      ["treasure", "Secret"],
    ].map(([name, kind]) => ({ id: `${victim.namespace}_${name}__${kind}`, v: "v1" }));
    await tenant.editStatus("Kustomization/app", { inventory: { entries: forged } });
    await tenant.delete("Kustomization/app");
    const told = await eventually(
      () => postedAbout(tenant, "Kustomization/app").find(({ severity }) => severity === "error"),
      { what: "the event about what is not deleted" },
    );
    assert.match(told.message, /pruning|cannot delete/);
    await assertUnharmed(tenant);
    await tenant.edit("Kustomization/app", { spec: { deletionPolicy: "Orphan" } });
  });
});

suite("health of another's", { concurrency: 4 }, () => {
  for (const name of ["theirs", "left", "nothing"]) {
    testBeyondFlux(
      () => harness,
      `object ${name} is not told`,
      async () => {
        await using tenant = await startTenant();
        const check = `healthChecks: [{apiVersion: v1, kind: ConfigMap, name: ${name}, namespace: {{victim}}}]`;
        await tenant.commit(own);
        await tenant.apply(gitRepository() + kustomization("app", `  path: ./app\n  prune: true\n  ${check}`));
        const reason = "HealthCheckFailed";
        const rejected = await tenant.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason });
        assert.match(conditionOf(rejected, "Ready")?.message ?? "", new RegExp(`configmaps "${name}" is forbidden`));
        await assertUnharmed(tenant);
      },
    );
  }

  testBeyondFlux(
    () => harness,
    "object that is left alone is not told by applying it either",
    () =>
      tryIt({
        files: { "app/left.yaml": configMap("left").replace("{{ns}}", "{{victim}}") },
        reason: "ReconciliationFailed",
        words: `ConfigMap/{{victim}}/left.*${forbidden}`,
      }),
  );
});
