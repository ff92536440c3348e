import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { core } from "@leat/api";
import { createHttp } from "@leat/http";
import { createIdentities, type Identities } from "@leat/identity";
import { connect, type Kube } from "@leat/kube";
import { createTestNamespace, sharedControlPlane } from "@leat/testing";
import type { Access, AccessOptions, Asked } from "./access.ts";
import { readAccess } from "./read-access.ts";

interface Setting extends AsyncDisposable {
  namespace: string;
  /** As the ServiceAccount `controller` of the namespace. */
  kube: Kube;
  read: (reference: Asked["reference"], options?: Partial<AccessOptions>) => Promise<Access>;
}

/** A controller that runs as a ServiceAccount which may do everything in its namespace. */
async function openSetting(data: Record<string, string>): Promise<Setting> {
  await using stack = new AsyncDisposableStack();
  const controlPlane = await sharedControlPlane();
  const { name: namespace } = stack.use(await createTestNamespace(controlPlane, "access"));
  const admin = stack.use(await connect({ kubeconfig: controlPlane.kubeconfig }));
  const rbac = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "all" };
  const account = { kind: "ServiceAccount", name: "controller", namespace };
  const objects: Array<{ apiVersion: string; kind: string; name: string; [field: string]: unknown }> = [
    { apiVersion: "v1", kind: "ServiceAccount", name: "controller" },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      name: "all",
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      name: "all",
      roleRef: rbac,
      subjects: [account],
    },
    { apiVersion: "v1", kind: "ConfigMap", name: "remote", data: { ...(await described(controlPlane)), ...data } },
    { apiVersion: "v1", kind: "Secret", name: "remote", stringData: { value: "{}", config: "{}" } },
  ];
  for (const { name, apiVersion, kind, ...fields } of objects) {
    const resource = await admin.resourceOf(apiVersion, kind);
    assert.ok(resource);
    const object = { apiVersion, kind, metadata: { name, namespace }, ...fields };
    await admin.create(resource, object, { fieldManager: "test" });
  }
  const kubeconfig = await controlPlane.kubeconfigFor({ namespace, name: "controller" });
  const kube = stack.use(await connect({ kubeconfig }));
  const given = {
    kube,
    identities: identitiesOf(kube),
    permitInsecureTls: false,
    defaultKubeconfigServiceAccount: "",
    permitOwnToken: true,
  };
  const opened = stack.move();
  return {
    namespace,
    kube,
    read: async (reference, options) =>
      readAccess({ ...given, ...options }, { reference, namespace, signal: new AbortController().signal }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Identities that need no cloud. */
function identitiesOf(kube: Kube): Identities {
  const http = createHttp();
  const cache = { maxSize: 0, maxDurationMs: 0 };
  return createIdentities({ kube, http, local: http, env: {}, cache, permitAccounts: false });
}

async function described({ url, caFile }: { url: string; caFile: string }): Promise<Record<string, string>> {
  const audiences = " https://kubernetes.default.svc \n\n";
  return { provider: "generic", address: url, "ca.crt": await readFile(caFile, "utf8"), audiences };
}

const byConfigMap = { configMapRef: { name: "remote" } };

function found(access: Access): Extract<Access, { kind: "found" }> {
  assert.equal(access.kind, "found", JSON.stringify(access));
  return access;
}

suite("a ConfigMap that names no account", { concurrency: true }, () => {
  test("is used with a token of the controller's own", async () => {
    await using setting = await openSetting({});
    await using kube = await found(await setting.read(byConfigMap)).connect({});
    const { objects } = await kube.list({ resource: core.ConfigMap, namespace: setting.namespace });
    assert.ok(objects.some(({ metadata }) => metadata.name === "remote"));
  });

  test("is told to name one where the controller has none itself", async () => {
    await using setting = await openSetting({});
    await using kube = await connect({ kubeconfig: (await sharedControlPlane()).kubeconfig });
    const access = await setting.read(byConfigMap, { identities: identitiesOf(kube) });
    await assert.rejects(found(access).connect({}), /not as a ServiceAccount: set serviceAccountName/);
  });

  test("is not used where tenants have to act as themselves", async () => {
    await using setting = await openSetting({});
    const access = await setting.read(byConfigMap, { permitOwnToken: false });
    assert.equal(access.kind, "unusable");
  });

  test("is used with the default account's where there is one", async () => {
    await using setting = await openSetting({});
    const options = { permitOwnToken: false, defaultKubeconfigServiceAccount: "nobody" };
    await assert.rejects(
      found(await setting.read(byConfigMap, options)).connect({}),
      /failed to get Kubernetes credentials for ServiceAccount .*\/nobody: it does not exist/,
    );
  });
});

suite("two ways to the same cluster", { concurrency: true }, () => {
  test("are one where all of their configuration is equal", async () => {
    await using setting = await openSetting({});
    const [first, second] = [await setting.read(byConfigMap), await setting.read(byConfigMap)];
    assert.equal(found(first).key, found(second).key);
    const [value, config] = [
      await setting.read({ secretRef: { name: "remote" } }),
      await setting.read({ secretRef: { name: "remote", key: "config" } }),
    ];
    assert.equal(found(value).key, found(config).key);
    assert.notEqual(found(value).key, found(first).key);
  });

  test("are two where the accounts differ", async () => {
    await using setting = await openSetting({});
    const first = await setting.read(byConfigMap, { defaultKubeconfigServiceAccount: "a" });
    const second = await setting.read(byConfigMap, { defaultKubeconfigServiceAccount: "b" });
    assert.notEqual(found(first).key, found(second).key);
  });
});

suite("the address of a cluster", { concurrency: true }, () => {
  const rows: Array<[address: string, kind: Access["kind"]]> = [
    ["api.example.org", "found"],
    ["api.example.org:6443", "found"],
    ["https://API.example.org/path", "found"],
    ["http://api.example.org", "unusable"],
    ["https://me:secret@api.example.org", "unusable"],
    ["unix:///var/run/docker.sock", "unusable"],
    ["https://", "unusable"],
    ["", "unusable"],
  ];
  for (const [address, kind] of rows) {
    test(`${JSON.stringify(address)} is ${kind}`, async () => {
      await using setting = await openSetting({ address, serviceAccountName: "controller" });
      assert.equal((await setting.read(byConfigMap)).kind, kind);
    });
  }
});

suite("what refers to a cluster", { concurrency: true }, () => {
  const references: Asked["reference"][] = [byConfigMap, { secretRef: { name: "remote" } }];
  for (const reference of references) {
    const kind = "secretRef" in reference ? "Secret" : "ConfigMap";

    test(`is missing where its ${kind} is`, async () => {
      await using setting = await openSetting({});
      await setting.kube.delete({ resource: core[kind], namespace: setting.namespace, name: "remote" });
      const access = await setting.read(reference);
      assert.partialDeepStrictEqual(access, { kind: "missing", name: `${kind}/${setting.namespace}/remote` });
    });

    test(`is unusable where its ${kind} may not be read`, async () => {
      await using setting = await openSetting({});
      await using admin = await connect({ kubeconfig: (await sharedControlPlane()).kubeconfig });
      const access = await setting.read(reference, { kube: admin.impersonate("nobody") });
      assert(access.kind === "unusable");
      assert.equal(access.name, `${kind}/${setting.namespace}/remote`);
      assert.match(access.message, /^it cannot be read: .*User "nobody" cannot get resource "(secrets|configmaps)"/);
    });
  }

  test("is unusable where the Secret has no such key, and not found among the properties of every object", async () => {
    await using setting = await openSetting({});
    const access = await setting.read({ secretRef: { name: "remote", key: "constructor" } });
    assert.partialDeepStrictEqual(access, { kind: "unusable" });
    assert.match("message" in access ? access.message : "", /^it has no key constructor:/);
  });
});
