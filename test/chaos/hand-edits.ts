import assert from "node:assert/strict";
import type { KubeObject, Resource } from "@leat/api";
import { ApiError, type ObjectRef } from "@leat/kube";
import type { Random } from "@leat/testing";
import type { Scenario } from "../harness/scenario.ts";

const group = "kustomize.toolkit.fluxcd.io";
/** Speaks for nobody whose fields are taken over. */
const somebody = "somebody";

/** What an object is declared to be, and what others have set beside it that has to stay. */
export interface Modelled {
  kind: "ConfigMap" | "Secret";
  name: string;
  /** The Kustomization that declares it. */
  app: string;
  data: Record<string, string>;
  foreignData: Record<string, string>;
  foreignAnnotations: Record<string, string>;
}

/** Values are base64, which both kinds take. */
export function valueOf(random: Random): string {
  return Buffer.from(String(random.below(1_000))).toString("base64");
}

/** The text of the file that declares the object. */
export function manifestOf({ kind, name, data }: Modelled): string {
  const metadata = { name, namespace: "{{ns}}", labels: { app: "x" }, annotations: { note: "declared" } };
  return JSON.stringify({ apiVersion: "v1", kind, metadata, data });
}

/** Changes an object as people and other controllers do, while it may be corrected; returns what was done, for messages. */
export async function editAtRandom({ kube, namespace }: Scenario, model: Modelled, random: Random): Promise<string> {
  const resource = await kube.resourceOf("v1", model.kind);
  assert.ok(resource);
  const ref: ObjectRef = { resource, namespace, name: model.name };
  const patch = async (body: object, fieldManager: string) =>
    void (await kube.patch(ref, { type: "merge", body }, { fieldManager }));
  const name = random.pick(Object.keys(edits));
  try {
    await edits[name]?.({ kube, ref, model, random, patch });
  } catch (error) {
    // It is not there any more, or there again.
    if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
  }
  return `${model.app}: ${model.kind}/${model.name}: ${name}`;
}

/** Every object is as declared, with what others have set beside it and nothing else. */
export async function assertAsModelled(scenario: Scenario, models: readonly Modelled[]): Promise<void> {
  const { kube, namespace } = scenario;
  const live = new Map<string, KubeObject>();
  for (const kind of ["ConfigMap", "Secret"]) {
    const resource = (await kube.resourceOf("v1", kind)) as Resource;
    const { objects } = await kube.list({ resource, namespace });
    for (const object of objects) live.set(object.metadata.name, object);
  }
  for (const model of models) {
    const object = live.get(model.name);
    const owner = { [`${group}/name`]: model.app, [`${group}/namespace`]: namespace };
    assert.deepEqual(
      { data: object?.["data"], labels: object?.metadata.labels, annotations: object?.metadata.annotations },
      {
        data: { ...model.foreignData, ...model.data },
        labels: { app: "x", ...owner },
        annotations: { ...model.foreignAnnotations, note: "declared" },
      },
      `${model.app}: ${model.kind}/${model.name}`,
    );
  }
}

interface Hand extends Pick<Scenario, "kube"> {
  ref: ObjectRef;
  model: Modelled;
  random: Random;
  patch: (body: object, fieldManager: string) => Promise<void>;
}

const edits: Record<string, (hand: Hand) => Promise<void>> = {
  "changes a field": async ({ patch, random }) => patch({ data: { a: valueOf(random) } }, managerOf(random)),
  "removes a field": async ({ patch, random }) => patch({ data: { b: null } }, managerOf(random)),
  "changes an annotation": async ({ patch }) => patch({ metadata: { annotations: { note: "by hand" } } }, somebody),
  "removes an annotation": async ({ patch, random }) =>
    patch({ metadata: { annotations: { note: null } } }, managerOf(random)),
  "removes a label": async ({ patch }) => patch({ metadata: { labels: { app: null } } }, somebody),
  "removes an owner's label": async ({ patch, random }) => patch(labelled(ownerLabel(random), null), somebody),
  "changes an owner's label": async ({ patch, random }) => patch(labelled(ownerLabel(random), "other"), somebody),
  "removes the owner's labels": async ({ patch }) => {
    const labels = { [`${group}/name`]: null, [`${group}/namespace`]: null };
    await patch({ metadata: { labels } }, somebody);
  },
  "adds what stays": async ({ patch, model, random }) => {
    const [key, value] = [`x${random.below(3)}`, valueOf(random)];
    await patch({ data: { [key]: value }, metadata: { annotations: { [key]: value } } }, somebody);
    model.foreignData[key] = value;
    model.foreignAnnotations[key] = value;
  },
  "adds by kubectl": async ({ patch, random }) => patch({ data: { k: valueOf(random) } }, "kubectl-edit"),
  deletes: async ({ kube, ref, model }) => {
    await kube.delete(ref);
    forget(model);
  },
  "deletes, and recreates without labels": async ({ kube, ref, model }) => {
    await kube.delete(ref);
    forget(model);
    const { name, namespace = "" } = ref;
    const data = { a: "", own: "" };
    const object = { apiVersion: "v1", kind: model.kind, metadata: { name, namespace }, data };
    await kube.create(ref.resource, object, { fieldManager: somebody });
    model.foreignData["own"] = "";
  },
};

function forget(model: Modelled): void {
  model.foreignData = {};
  model.foreignAnnotations = {};
}

function managerOf(random: Random): string {
  return random.pick([somebody, "kubectl-edit", "kubectl-patch"]);
}

function ownerLabel(random: Random): string {
  return `${group}/${random.pick(["name", "namespace"])}`;
}

function labelled(label: string, value: string | null): object {
  return { metadata: { labels: { [label]: value } } };
}
