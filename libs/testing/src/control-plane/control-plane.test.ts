import assert from "node:assert/strict";
import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { startService } from "@leat/process";
import { binary } from "@leat/toolchain";
import { type ApiAnswer, type ApiConnection, createObject, requestApi } from "./api-request.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { eventually } from "../eventually.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { outcomeAnnotation } from "./kwok-config.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { createTestNamespace } from "./test-namespace.ts";

async function connectionOf(kubeconfig: string): Promise<ApiConnection> {
  return readKubeconfig(await readFile(kubeconfig, "utf8"));
}

async function get(connection: ApiConnection, path: string): Promise<ApiAnswer> {
  return requestApi(connection, { path });
}

suite("control plane", () => {
  let controlPlane: ControlPlane;
  let admin: ApiConnection;
  before(async () => {
    controlPlane = await startControlPlane({ kwokNodes: 2, auditLog: true });
    admin = await connectionOf(controlPlane.kubeconfig);
  });
  after(() => controlPlane[Symbol.asyncDispose]());

  test("lets its administrator do everything and a stranger nothing", async () => {
    assert.equal((await get(admin, "/api/v1/secrets")).status, 200);
    assert.equal((await get({ ...admin, token: "wrong" }, "/api/v1/secrets")).status, 401);
    assert.deepEqual(
      [controlPlane.url, controlPlane.token, await readFile(controlPlane.caFile, "utf8")],
      [admin.url, admin.token, admin.ca],
    );
  });

  test("gives a service account no more than its role", async () => {
    await using namespace = await createTestNamespace(controlPlane);
    const core = `/api/v1/namespaces/${namespace.name}`;
    await createObject(admin, `${core}/serviceaccounts`, { metadata: { name: "reader" } });
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace.name}`;
    await createObject(admin, `${rbac}/roles`, {
      metadata: { name: "reader" },
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }],
    });
    const subjects = [{ kind: "ServiceAccount", name: "reader", namespace: namespace.name }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" };
    await createObject(admin, `${rbac}/rolebindings`, { metadata: { name: "reader" }, subjects, roleRef });

    const reader = await connectionOf(await controlPlane.kubeconfigFor({ namespace: namespace.name, name: "reader" }));
    await eventually(async () => (await get(reader, `${core}/configmaps`)).status === 200, {
      what: "the role to take effect",
    });
    assert.equal((await get(reader, `${core}/secrets`)).status, 403);
    await assert.rejects(
      controlPlane.kubeconfigFor({ namespace: namespace.name, name: "nobody" }),
      /serviceaccounts "nobody" not found/,
    );
  });

  test("makes workloads ready, Jobs complete, and what is marked so fail", async () => {
    await using namespace = await createTestNamespace(controlPlane);
    const apps = `/apis/apps/v1/namespaces/${namespace.name}`;
    const batch = `/apis/batch/v1/namespaces/${namespace.name}`;
    for (const kind of ["deployments", "statefulsets"]) await createObject(admin, `${apps}/${kind}`, workload("good"));
    await createObject(admin, `${apps}/deployments`, workload("unready", { [outcomeAnnotation]: "unready" }));
    await createObject(admin, `${batch}/jobs`, job("good"));
    await createObject(admin, `${batch}/jobs`, job("bad", { [outcomeAnnotation]: "failed" }));

    const status = async (path: string) =>
      ((await get(admin, path)).body as { status: Record<string, unknown> }).status;
    const wait = { timeoutMs: 20_000 };
    for (const kind of ["deployments", "statefulsets"])
      await eventually(async () => (await status(`${apps}/${kind}/good`))["readyReplicas"] === 2, {
        what: `${kind} to be ready`,
        ...wait,
      });
    await eventually(async () => (await status(`${batch}/jobs/good`))["succeeded"] === 1, {
      what: "a job to complete",
      ...wait,
    });
    await eventually(async () => (await status(`${batch}/jobs/bad`))["failed"] === 1, {
      what: "a job to fail",
      ...wait,
    });
    const isStarted = async () => (await status(`${apps}/deployments/unready`))["replicas"] === 2;
    await eventually(isStarted, { what: "pods of the unready deployment", ...wait });
    assert.equal((await status(`${apps}/deployments/unready`))["readyReplicas"], undefined);
  });

  test("really deletes a namespace with what is in it", async () => {
    const namespace = await createTestNamespace(controlPlane);
    await createObject(admin, `/api/v1/namespaces/${namespace.name}/configmaps`, {
      metadata: { name: "left", finalizers: [] },
    });
    await namespace[Symbol.asyncDispose]();
    await eventually(async () => (await get(admin, `/api/v1/namespaces/${namespace.name}`)).status === 404, {
      what: "the namespace to go",
      timeoutMs: 30_000,
    });
  });

  test("writes an audit log with a line for each request", async () => {
    await requestApi(admin, { path: "/api/v1/configmaps?labelSelector=audited" });
    const { auditLog = "" } = controlPlane;
    await eventually(async () => (await readFile(auditLog, "utf8")).includes("labelSelector=audited"), {
      what: "the request in the audit log",
    });
  });
});

suite("life of a control plane", () => {
  test("keeps its port, its tokens and its objects when the API server restarts", async () => {
    await using controlPlane = await startControlPlane();
    const admin = await connectionOf(controlPlane.kubeconfig);
    await createObject(admin, "/api/v1/namespaces/default/configmaps", { metadata: { name: "kept" } });
    await controlPlane.stopApiServer();
    await assert.rejects(get(admin, "/readyz"), /ECONNREFUSED/);
    await controlPlane.startApiServer();
    assert.equal((await get(admin, "/api/v1/namespaces/default/configmaps/kept")).status, 200);
  });

  test("leaves neither processes nor files when it is disposed of", async () => {
    const controlPlane = await startControlPlane();
    const directory = dirname(controlPlane.kubeconfig);
    await controlPlane[Symbol.asyncDispose]();
    await assert.rejects(access(directory), /ENOENT/);
    assert.deepEqual(await processesNaming(directory), []);
  });

  test("says which part did not start, with its own words", async () => {
    await assert.rejects(
      startControlPlane({ apiServerFlags: ["--no-such-flag"] }),
      /kube-apiserver ended before it was ready[^]*no-such-flag/,
    );
  });

  test("is cleaned up by the next start after its process was killed with -9", async () => {
    await using place = await openPrivateDirectory();
    const log = join(place.path, "log");
    const program = `
      const { startControlPlane } = await import(${JSON.stringify(import.meta.resolve("./control-plane.ts"))});
      console.log((await startControlPlane({ controllerManager: true })).kubeconfig);
      setInterval(() => {}, 1000);`;
    const env = {
      LEAT_ETCD: await binary("etcd"),
      LEAT_KUBE_APISERVER: await binary("kube-apiserver"),
      LEAT_KUBE_CONTROLLER_MANAGER: await binary("kube-controller-manager"),
    };
    await using victim = await startService(process.execPath, ["--input-type=module", "-e", program], {
      env,
      logFile: log,
    });
    const kubeconfig = await eventually(async () => /^.*\/kubeconfig$/m.exec(await readFile(log, "utf8"))?.[0], {
      what: "the control plane",
      timeoutMs: 60_000,
    });
    const directory = dirname(kubeconfig);
    assert.equal((await processesNaming(directory)).length, 3);
    victim.kill("SIGKILL");
    await victim.ended;

    await using next = await openPrivateDirectory();
    await assert.rejects(access(directory), /ENOENT/);
    await eventually(async () => (await processesNaming(directory)).length === 0, { what: "its processes to end" });
    await access(next.path);
  });

  test("takes the directory it is given, unless that holds something else or is in use", async () => {
    await using place = await openPrivateDirectory();
    const [own, foreign] = [join(place.path, "own"), join(place.path, "foreign")];
    await mkdir(foreign);
    await writeFile(join(foreign, "file"), "");
    await assert.rejects(openPrivateDirectory(foreign), /is not empty/);
    const taken = await openPrivateDirectory(own);
    assert.equal(taken.path, own);
    await assert.rejects(openPrivateDirectory(own), new RegExp(`in use by process ${process.pid}`));
    await taken[Symbol.asyncDispose]();
    await assert.rejects(access(own), /ENOENT/);
  });
});

function workload(name: string, annotations: Record<string, string> = {}): object {
  const template = {
    metadata: { labels: { app: name }, annotations },
    spec: { containers: [{ name: "main", image: "none" }] },
  };
  return {
    metadata: { name },
    spec: { replicas: 2, serviceName: name, selector: { matchLabels: { app: name } }, template },
  };
}

function job(name: string, annotations: Record<string, string> = {}): object {
  const template = {
    metadata: { annotations },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "none" }] },
  };
  return { metadata: { name }, spec: { backoffLimit: 0, template } };
}

/** Pids of the processes whose command line names the directory. */
async function processesNaming(directory: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return pids.filter((_, index) => lines[index]?.includes(directory));
}
