import { readFile } from "node:fs/promises";
import { core, type KubeObject } from "@leat/api";
import { connect } from "@leat/kube";
import { Agent } from "undici";
import type { OwnHarness } from "../harness/own-harness.ts";
import { startScenario } from "../harness/scenario.ts";
import type { Measured, Step } from "./measured.ts";

const objects = 1_000;
const connections = 16;

interface Client extends AsyncDisposable {
  name: string;
  apply: (object: KubeObject, dryRun: boolean) => Promise<unknown>;
}

/** What the API server can do for one client that does nothing else: the floor under everything that applies objects. */
export async function limit(harness: OwnHarness): Promise<Measured> {
  await using scenario = await startScenario(harness, "limit");
  const steps: Step[] = [];
  for (const open of [viaUndici, viaKube]) {
    await using client = await open(harness);
    const object = (index: number, value: string) => configMapOf(scenario.namespace, `${client.name}-${index}`, value);
    const measure = async (what: string, send: (index: number) => Promise<unknown>) =>
      void steps.push(await measureAll(`${what} by ${client.name}`, send));
    await measure("applies (new)", (index) => client.apply(object(index, "1"), false));
    await measure("dry-runs", (index) => client.apply(object(index, "2"), true));
    await measure("applies (changed)", (index) => client.apply(object(index, "2"), false));
  }
  const about = `a bare client with ${connections} connections, ${objects} ConfigMaps`;
  return { scenario: "limit", about, seconds: [], steps };
}

async function measureAll(name: string, send: (index: number) => Promise<unknown>): Promise<Step> {
  let next = 0;
  const lane = async () => {
    while (next < objects) await send(next++);
  };
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, lane));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { name, seconds, rate: { count: objects, cpuSeconds: (user + system) / 1e6 } };
}

function configMapOf(namespace: string, name: string, value: string): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data: { value } };
}

async function viaKube({ controlPlane: { kubeconfig } }: OwnHarness): Promise<Client> {
  const kube = await connect({ kubeconfig, userAgent: "behaviour-test", connections });
  return {
    name: "leat-kube",
    apply: (object, dryRun) =>
      kube.apply(core.ConfigMap, object, { fieldManager: "bench", force: true, dryRun, metadataOnly: true }),
    [Symbol.asyncDispose]: () => kube[Symbol.asyncDispose](),
  };
}

async function viaUndici({ controlPlane: { url, token, caFile } }: OwnHarness): Promise<Client> {
  const agent = new Agent({ connections, connect: { ca: await readFile(caFile, "utf8") } });
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/apply-patch+yaml",
    accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    "user-agent": "behaviour-test",
  };
  return {
    name: "undici",
    apply: async (object, dryRun) => {
      const { namespace, name } = object.metadata;
      const query = `fieldManager=bench&force=true&fieldValidation=Strict${dryRun ? "&dryRun=All" : ""}`;
      const path = `/api/v1/namespaces/${namespace}/configmaps/${name}?${query}`;
      const answer = await agent.request({ origin: url, path, method: "PATCH", headers, body: JSON.stringify(object) });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`the API server answered ${answer.statusCode}: ${text}`);
    },
    [Symbol.asyncDispose]: () => agent.close(),
  };
}
