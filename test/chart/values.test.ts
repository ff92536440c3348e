/** What the chart makes of its values: each changes what it says, and nothing else. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, suite, test } from "node:test";
import { kinds, type KubeObject } from "@leat/api";
import { controllers } from "@leat/controllers";
import { parseYaml } from "@leat/yaml";
import { chartDirectory, helm, release, renderChart } from "../harness/helm.ts";
import { changesBetween, idOf } from "./changes.ts";
import { everything } from "./fixtures/everything.ts";

const [source, kustomize] = ["Deployment/leat-source-controller", "Deployment/leat-kustomize-controller"];
const deployments = controllers.map(({ name }) => `Deployment/leat-${name}`);
const manager = "spec.template.spec.containers[manager]";

let usual: KubeObject[];
before(async () => {
  usual = await renderChart();
});

suite("helm lint has nothing to say", () => {
  for (const [given, values] of [
    ["as it is", {}],
    ["with everything on", everything],
    ["with everything off", { defaults: { enabled: false } }],
  ] as const) {
    test(given, async () => {
      const { exitCode, stdout, stderr } = await helm(["lint", "--strict", chartDirectory], { values });
      assert.equal(exitCode, 0, `${stdout.toString()}${stderr}`);
    });
  }
});

suite("a value changes what it says and nothing else", () => {
  const rows: Array<[given: string, values: object, changes: string[] | (() => string[])]> = [
    ["nothing", {}, []],
    [
      "a controller off",
      { controllers: { source: { enabled: false } } },
      [
        "- ClusterRole/leat-source-controller-flux-system",
        "- ClusterRoleBinding/leat-source-controller-flux-system",
        "- Deployment/leat-source-controller",
        "- NetworkPolicy/leat-artifacts",
        "- Role/leat-source-controller",
        "- RoleBinding/leat-source-controller",
        "- Service/leat-source-controller",
        "- ServiceAccount/leat-source-controller",
      ],
    ],
    [
      "no CRDs",
      { crds: { install: false } },
      kinds.map(({ plural, group }) => `- CustomResourceDefinition/${plural}.${group}`),
    ],
    [
      "tenants kept apart",
      { multitenancy: { enabled: true } },
      controllers.flatMap(({ name, appliesObjects, chart }) => [
        ...(appliesObjects ? ["ClusterRole", "ClusterRoleBinding"] : []).map(
          (kind) => `- ${kind}/leat-${name}-apply-flux-system`,
        ),
        ...chart.lockdownFlags
          .map((flag) => flag.replace("{{ .Values.multitenancy.defaultServiceAccount }}", "default"))
          .map((flag) => `+ Deployment/leat-${name} ${manager}.args[]=${flag}`),
      ]),
    ],
    [
      "one namespace",
      { watchAllNamespaces: false },
      [
        ...controllers.flatMap(({ name }) => [
          `- ClusterRoleBinding/leat-${name}-flux-system`,
          `+ RoleBinding/leat-${name}-flux-system`,
        ]),
        ...deployments.flatMap((id) => replaced(id, `${manager}.args[]=--watch-all-namespaces=`, true, false)),
      ],
    ],
    [
      "shards",
      { sharding: { shards: ["shard1"] } },
      [
        "+ Service/leat-source-controller-shard1",
        ...deployments.flatMap((id) => [
          `+ ${id}-shard1`,
          `+ ${id} ${manager}.args[]=--watch-label-selector=!sharding.fluxcd.io/key`,
        ]),
      ],
    ],
    ["no roles", { rbac: { create: false } }, without("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")],
    ["no role of editors", { rbac: { userRoles: { edit: false } } }, ["- ClusterRole/leat-edit-flux-system"]],
    ["no role of viewers", { rbac: { userRoles: { view: false } } }, ["- ClusterRole/leat-view-flux-system"]],
    ["no network policies", { networkPolicies: { enabled: false } }, without("NetworkPolicy")],
    [
      "another who may fetch artifacts",
      { networkPolicies: { artifactsFrom: [{ podSelector: { matchLabels: { app: "other" } } }] } },
      ["+ NetworkPolicy/leat-artifacts spec.ingress[0].from[1].podSelector.matchLabels.app=other"],
    ],
    ["a PodMonitor", { monitoring: { podMonitor: { enabled: true } } }, ["+ PodMonitor/leat"]],
    ["alerts", { monitoring: { rules: { enabled: true } } }, ["+ PrometheusRule/leat"]],
    [
      "dashboards",
      { monitoring: { dashboards: { enabled: true } } },
      ["+ ConfigMap/leat-dashboard-controllers", "+ ConfigMap/leat-dashboard-objects"],
    ],
    [
      "a log level for all",
      { logLevel: "debug" },
      deployments.flatMap((id) => replaced(id, `${manager}.args[]=--log-level=`, "info", "debug")),
    ],
    [
      "a log level for one",
      { controllers: { kustomize: { logLevel: "error" } } },
      replaced(kustomize, `${manager}.args[]=--log-level=`, "info", "error"),
    ],
    [
      "somebody who wants to know of events",
      { eventsAddr: "http://events/" },
      deployments.map((id) => `+ ${id} ${manager}.args[]=--events-addr=http://events/`),
    ],
    [
      "another domain of the cluster",
      { clusterDomain: "example.org" },
      replaced(
        source,
        `${manager}.args[]=--storage-adv-addr=leat-source-controller.$(RUNTIME_NAMESPACE).svc.`,
        "cluster.local.",
        "example.org.",
      ),
    ],
    [
      "extra flags",
      { controllers: { kustomize: { extraArgs: ["--concurrent=20"] } } },
      [`+ ${kustomize} ${manager}.args[]=--concurrent=20`],
    ],
    [
      "an image by digest from another registry",
      {
        image: { registry: "registry.example.org/mirror", pullPolicy: "Always" },
        controllers: { kustomize: { image: { digest: `sha256:${"0".repeat(64)}` } } },
      },
      [
        ...controllers.flatMap(({ name }) =>
          replaced(
            `Deployment/leat-${name}`,
            `${manager}.image=`,
            `registry.leat.dev/${name}:v0.1.0`,
            `registry.example.org/mirror/${name}:v0.1.0${name === "kustomize-controller" ? `@sha256:${"0".repeat(64)}` : ""}`,
          ),
        ),
        ...deployments.flatMap((id) => replaced(id, `${manager}.imagePullPolicy=`, "IfNotPresent", "Always")),
      ],
    ],
    [
      "extra flags for all",
      { defaults: { extraArgs: ["--concurrent=20"] } },
      deployments.map((id) => `+ ${id} ${manager}.args[]=--concurrent=20`),
    ],
    [
      "defaults for all, of which one sets its own",
      {
        defaults: { tmpSizeLimit: "1Gi", serviceAccount: { create: false } },
        controllers: { source: { tmpSizeLimit: "10Gi", serviceAccount: { create: true } } },
      },
      controllers
        .filter(({ key }) => key !== "source")
        .flatMap(({ name }) => [
          `- ServiceAccount/leat-${name}`,
          ...replaced(`Deployment/leat-${name}`, "spec.template.spec.volumes[tmp].emptyDir.sizeLimit=", "10Gi", "1Gi"),
        ]),
    ],
    [
      "several pods",
      { controllers: { kustomize: { replicas: 2 } } },
      ["+ PodDisruptionBudget/leat-kustomize-controller", ...replaced(kustomize, "spec.replicas=", 1, 2)],
    ],
    [
      "a volume for artifacts",
      { controllers: { source: { storage: { existingClaim: "artifacts" } } } },
      [
        `- ${source} spec.template.spec.volumes[data].emptyDir.sizeLimit=50Gi`,
        `+ ${source} spec.template.spec.volumes[data].persistentVolumeClaim.claimName=artifacts`,
      ],
    ],
    [
      "no limit of storage",
      { controllers: { source: { storage: { sizeLimit: "" } } } },
      [
        `- ${source} spec.template.spec.volumes[data].emptyDir.sizeLimit=50Gi`,
        `+ ${source} spec.template.spec.volumes[data].emptyDir={}`,
      ],
    ],
    [
      "an account that is there already",
      { controllers: { kustomize: { serviceAccount: { create: false, name: "theirs" } } } },
      [
        "- ServiceAccount/leat-kustomize-controller",
        ...replaced(kustomize, "spec.template.spec.serviceAccountName=", "leat-kustomize-controller", "theirs"),
        ...[
          "ClusterRoleBinding/leat-kustomize-controller-apply-flux-system",
          "ClusterRoleBinding/leat-kustomize-controller-flux-system",
          "RoleBinding/leat-kustomize-controller",
        ].flatMap((id) => [
          `- ${id} subjects[leat-kustomize-controller].kind=ServiceAccount`,
          `- ${id} subjects[leat-kustomize-controller].name=leat-kustomize-controller`,
          `- ${id} subjects[leat-kustomize-controller].namespace=flux-system`,
          `+ ${id} subjects[theirs].kind=ServiceAccount`,
          `+ ${id} subjects[theirs].name=theirs`,
          `+ ${id} subjects[theirs].namespace=flux-system`,
        ]),
      ],
    ],
    [
      "where pods run, for all and for one",
      {
        nodeSelector: { pool: "system" },
        priorityClassName: "system-cluster-critical",
        controllers: { source: { nodeSelector: { pool: "fast" } } },
      },
      deployments.flatMap((id) => [
        `+ ${id} spec.template.spec.nodeSelector.pool=${id === source ? "fast" : "system"}`,
        `+ ${id} spec.template.spec.priorityClassName=system-cluster-critical`,
      ]),
    ],
    [
      "secrets to pull with",
      { imagePullSecrets: [{ name: "registry" }] },
      deployments.map((id) => `+ ${id} spec.template.spec.imagePullSecrets[registry].name=registry`),
    ],
  ];
  for (const [given, values, changes] of rows) {
    test(given, async () => {
      const expected = typeof changes === "function" ? changes() : changes;
      assert.deepEqual(changesBetween(usual, await renderChart(values)), expected.toSorted());
    });
  }

  test("the labels of a pod cannot be taken from it", async () => {
    const values = { commonLabels: { "app.kubernetes.io/part-of": "mine" }, podLabels: { app: "mine" } };
    assert.deepEqual(changesBetween(usual, await renderChart(values)), []);
  });

  function replaced(id: string, path: string, from: unknown, to: unknown): string[] {
    return [`- ${id} ${path}${String(from)}`, `+ ${id} ${path}${String(to)}`];
  }

  /** All usual objects of these kinds are gone. */
  function without(...gone: string[]): () => string[] {
    return () => usual.filter(({ kind }) => gone.includes(kind)).map((object) => `- ${idOf(object)}`);
  }
});

suite("values are rejected", () => {
  const rows: Array<[given: string, values: object, words: RegExp]> = [
    ["that are not known", { controlers: {} }, /additional properties 'controlers' not allowed/],
    ["of a controller that there is not", { controllers: { sauce: {} } }, /\/controllers.*'sauce' not allowed/s],
    ["that a controller does not have", { controllers: { kustomize: { storage: {} } } }, /kustomize\/storage/],
    ["with a misspelt name within", { controllers: { source: { image: { tags: "v1" } } } }, /'tags' not allowed/],
    ["of the wrong type", { crds: { install: "yes" } }, /\/crds\/install.*want boolean/s],
    ["that a flag would reject", { logLevel: "warn" }, /\/logLevel.*one of/s],
    [
      "of more pods than may serve artifacts",
      { controllers: { source: { replicas: 2 } } },
      /source\/replicas.*maximum/s,
    ],
    ["that are no digest", { controllers: { source: { image: { digest: "v1" } } } }, /image\/digest.*pattern/s],
    ["that are no flag", { controllers: { source: { extraArgs: ["concurrent=1"] } } }, /extraArgs\/0.*pattern/s],
    ["of a shard that no label can have", { sharding: { shards: ["Shard 1"] } }, /shards\/0.*pattern/s],
    ["of a shard twice", { sharding: { shards: ["a", "a"] } }, /shards.*equal/s],
    ["of a grace that ends before runs may", { terminationGracePeriodSeconds: 10 }, /minimum/],
    ["of a registry that ends in a slash", { image: { registry: "example.org/" } }, /registry.*pattern/s],
  ];
  for (const [given, values, words] of rows) {
    test(given, async () => assert.rejects(renderChart(values), { message: words }));
  }

  test("none that other charts share", async () => {
    assert.deepEqual(changesBetween(usual, await renderChart({ global: { theirs: true } })), []);
  });
});

suite("what is installed", () => {
  test("can be found by the flux CLI", () => {
    for (const object of usual) {
      const { labels = {} } = object.metadata;
      assert.equal(labels["app.kubernetes.io/part-of"], "flux", idOf(object));
      assert.equal(labels["app.kubernetes.io/version"], "v0.1.0", idOf(object));
      if (object.kind !== "Deployment") continue;
      assert.match(labels["app.kubernetes.io/component"] ?? "", /^[a-z-]+-controller$/);
      const { spec } = object as unknown as { spec: { template: { spec: { containers: { name: string }[] } } } };
      assert.deepEqual(
        spec.template.spec.containers.map(({ name }) => name),
        ["manager"],
      );
    }
  });

  test("shares nothing but the definitions with what is installed in another namespace", async () => {
    const other = await renderChart({}, { name: "leat", namespace: "team-a" });
    const isOfCluster = ({ metadata }: KubeObject) => metadata.namespace === undefined;
    const ids = new Set(usual.filter(isOfCluster).map(idOf));
    const shared = other
      .filter(isOfCluster)
      .map(idOf)
      .filter((id) => ids.has(id));
    assert.ok(ids.size > shared.length);
    assert.deepEqual(
      shared.filter((id) => !id.startsWith("CustomResourceDefinition/")),
      [],
    );
  });

  test("begins with the name of the release, and says whose it is", async () => {
    const names = async (name: string) => (await renderChart({}, { ...release, name })).map(idOf);
    assert.ok((await names("flux")).includes("Deployment/flux-leat-source-controller"));
    assert.ok((await names("leat-a")).includes("Deployment/leat-a-source-controller"));
  });

  test("has the version of what it was made with", async () => {
    const chart = parseYaml(await readFile(join(chartDirectory, "Chart.yaml"), "utf8"), "Chart.yaml");
    const manifest = join(chartDirectory, "../../controllers/source/package.json");
    const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
    assert.deepEqual(
      [(chart as { version: string }).version, (chart as { appVersion: string }).appVersion],
      [version, `v${version}`],
    );
  });

  test("defines the kinds as they are generated, and for good", async () => {
    const crds = usual.filter(({ kind }) => kind === "CustomResourceDefinition");
    assert.equal(crds.length, kinds.length);
    for (const { metadata, ...crd } of crds) {
      const [plural, ...group] = metadata.name.split(".");
      const file = join(chartDirectory, "files/crds", `${group.join(".")}_${plural}.yaml`);
      const generated = parseYaml(await readFile(file, "utf8"), file) as KubeObject;
      const { metadata: _, ...rest } = generated;
      assert.deepEqual(crd, rest);
      assert.deepEqual(metadata.annotations, {
        ...generated.metadata.annotations,
        "helm.sh/resource-policy": "keep",
      });
    }
  });
});
