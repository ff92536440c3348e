import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { ControlPlane } from "@leat/testing";
import { crdOf, type KubeObject, type ResourceDefinition } from "../src/index.ts";

export interface Answer {
  status: number;
  /** Words of the server where it rejects. */
  message: string;
  /** `Warning` headers, such as those about unknown fields. */
  warnings: string[];
  body: Record<string, unknown>;
}

interface Call {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: object | string;
  headers?: Record<string, string>;
}

/** How the API server is reached. */
type Cluster = Pick<ControlPlane, "url" | "token" | "caFile">;

/** One kind on a real API server, in a namespace of its own. */
export interface Served extends Disposable {
  namespace: string;
  /** The CustomResourceDefinition as the server keeps it. */
  crd: Record<string, unknown>;
  call: (path: string, call?: Call) => Promise<Answer>;
  /** Path of the kind's objects in the namespace. */
  collection: string;
  /** Creates an object; with `dryRun`, only has it checked and defaulted. */
  create: (
    object: { spec?: unknown; status?: unknown },
    options?: { dryRun?: boolean; strict?: boolean },
  ) => Promise<Answer>;
  /** Has a status checked that is written on an existing object, without keeping it. */
  writeStatus: (name: string, status: unknown) => Promise<Answer>;
}

/** Applies the kind's CRD, as the chart has it, and waits until it is served. */
export async function serve(definition: ResourceDefinition, cluster: Cluster): Promise<Served> {
  const { call, agent } = await connect(cluster);
  const crd = await applyCrd(definition, call);
  const namespace = `api-${randomBytes(4).toString("hex")}`;
  expectStatus(await call("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } }), 201);
  const collection = `/apis/${definition.apiVersion}/namespaces/${namespace}/${definition.plural}`;
  const { apiVersion, kind } = definition;
  return {
    namespace,
    crd,
    call,
    collection,
    create: ({ spec, status }, { dryRun = true, strict = true } = {}) => {
      const query = new URLSearchParams({
        fieldValidation: strict ? "Strict" : "Warn",
        ...(dryRun ? { dryRun: "All" } : {}),
      });
      const name = `o-${randomBytes(4).toString("hex")}`;
      return call(`${collection}?${query.toString()}`, {
        method: "POST",
        body: { apiVersion, kind, metadata: { name }, spec, status },
      });
    },
    writeStatus: (name, status) =>
      call(`${collection}/${name}/status?dryRun=All&fieldValidation=Strict`, {
        method: "PATCH",
        body: { status },
        headers: { "content-type": "application/merge-patch+json" },
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

type Caller = Served["call"];

async function connect({ url, token, caFile }: Cluster): Promise<{ call: Caller; agent: Agent }> {
  const agent = new Agent({ keepAlive: true, ca: await readFile(caFile, "utf8") });
  const call: Caller = async (path, { method = "GET", body, headers = {} } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const sent = request(
      new URL(path, url),
      {
        method,
        agent,
        signal: AbortSignal.timeout(20_000),
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          "content-type": "application/json",
          ...headers,
        },
      },
      (response) => {
        readAnswer(response).then(resolve, reject);
      },
    );
    sent.on("error", reject);
    sent.end(typeof body === "object" ? JSON.stringify(body) : body);
    return promise;
  };
  return { call, agent };
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const content = await text(response);
  const status = response.statusCode ?? 0;
  const warnings = [response.headers["warning"] ?? []].flat();
  const isJson = response.headers["content-type"]?.startsWith("application/json") ?? false;
  if (!isJson) return { status, message: content, warnings, body: {} };
  const body = JSON.parse(content) as { message?: string; [field: string]: unknown };
  return { status, message: body.message ?? "", warnings, body };
}

async function applyCrd(definition: ResourceDefinition, call: Caller): Promise<KubeObject> {
  const { metadata } = crdOf(definition) as KubeObject;
  const file = join(
    import.meta.dirname,
    "../../../charts/leat/files/crds",
    `${definition.group}_${definition.plural}.yaml`,
  );
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`;
  const applied = await call(`${path}?fieldManager=api-test&force=true&fieldValidation=Strict`, {
    method: "PATCH",
    body: await readFile(file, "utf8"),
    headers: { "content-type": "application/apply-patch+yaml" },
  });
  if (applied.status > 201) throw new Error(`the CRD was rejected: ${applied.message}`);
  const served = `/apis/${definition.apiVersion}/${definition.plural}`;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await delay(50)) {
    if ((await call(served)).status === 200) return (await call(path)).body as KubeObject;
  }
  throw new Error(`${served} is not served: ${JSON.stringify((await call(path)).body["status"])}`);
}

function expectStatus(answer: Answer, status: number): void {
  if (answer.status !== status) throw new Error(`${answer.status} ${answer.message}`);
}
