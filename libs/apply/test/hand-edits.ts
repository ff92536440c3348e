import assert from "node:assert/strict";
import type { KubeObject } from "@leat/api";
import { ApiError, type Kube, type ObjectRef } from "@leat/kube";
import type { Random } from "@leat/testing";
import { group } from "./fixture.ts";

/** What is declared of an object, and what others have set beside it that has to stay. */
export interface Modelled {
  declared: KubeObject;
  foreign: Foreign;
}

interface Foreign {
  content: Record<string, string>;
  annotations: Record<string, string>;
  /** The server does not note who sets what before the next apply. */
  untracked: boolean;
  /** Somebody has said that the object be left alone. */
  off: boolean;
}

/** Speaks for nobody whose fields are taken over. */
const somebody = "somebody";
const enabling = "enables it";
const wiping = "wipes who set what";

/** A ConfigMap or a `Widget` with some fields, a label and an annotation. */
export function modelOf(apiVersion: string, namespace: string, name: string, value: string): Modelled {
  const kind = apiVersion === "v1" ? "ConfigMap" : "Widget";
  const metadata = { name, namespace, labels: { app: "x" }, annotations: { note: "declared" } };
  return { declared: { apiVersion, kind, metadata, [fieldOf(kind)]: { a: value, b: "2" } }, foreign: nothing() };
}

export interface EditOptions {
  /** The object may be applied at the same time: nothing is done whose outcome would depend on which comes first. */
  racing?: boolean;
}

/** Changes an object as people and other controllers do, and gives what was done, for messages. */
export async function editAtRandom(
  kube: Kube,
  model: Modelled,
  { random, racing = false }: EditOptions & { random: Random },
): Promise<string> {
  const { apiVersion, kind, metadata } = model.declared;
  const resource = await kube.resourceOf(apiVersion, kind);
  assert.ok(resource);
  const ref = { resource, namespace: metadata.namespace, name: metadata.name };
  const names = Object.keys(edits).filter((one) => !racing || one !== wiping);
  // What is off does not stay so for long.
  const name = model.foreign.off && random.below(2) === 0 ? enabling : random.pick(names);
  try {
    await edits[name]?.({ kube, ref, model, random });
  } catch (error) {
    // It is not there any more, or there again.
    if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
  }
  return `${kind}/${metadata.name}: ${name}`;
}

/** The object is as declared, with what others have set beside it and nothing else. */
export async function assertAsModelled(kube: Kube, { declared, foreign }: Modelled, when: string): Promise<void> {
  if (foreign.off) return;
  const { apiVersion, kind, metadata } = declared;
  const resource = await kube.resourceOf(apiVersion, kind);
  assert.ok(resource);
  const live = await kube.get({ resource, namespace: metadata.namespace, name: metadata.name });
  const { labels, annotations } = live?.metadata ?? {};
  assert.deepEqual(
    { content: live?.[fieldOf(kind)], labels, annotations },
    {
      content: { ...foreign.content, ...(declared[fieldOf(kind)] as object) },
      labels: { ...metadata.labels, ...ownerOf({ declared }) },
      annotations: { ...foreign.annotations, ...metadata.annotations },
    },
    `${kind}/${metadata.name} ${when}`,
  );
}

/** Everything was applied: from now on the server notes who sets what. */
export function kindWatch({ foreign }: Modelled): void {
  if (!foreign.off) foreign.untracked = false;
}

interface Hand {
  kube: Kube;
  ref: ObjectRef;
  model: Modelled;
  random: Random;
}

const edits: Record<string, (hand: Hand) => Promise<void>> = {
  "changes a field": async (hand) => patchContent(hand, { a: valueOf(hand) }, managerOf(hand)),
  "removes a field": async (hand) => patchContent(hand, { b: null }, managerOf(hand)),
  "changes an annotation": async (hand) => patch(hand, { metadata: { annotations: { note: "by hand" } } }, somebody),
  "removes an annotation": async (hand) => patch(hand, { metadata: { annotations: { note: null } } }, managerOf(hand)),
  "removes a label": async (hand) => patch(hand, { metadata: { labels: { app: null } } }, somebody),
  "removes an owner's label": async (hand) => patchOwner(hand, hand.random.pick(["name", "namespace"]), null),
  "changes an owner's label": async (hand) => patchOwner(hand, hand.random.pick(["name", "namespace"]), "other"),
  "removes the owner's labels": async (hand) => {
    await patchOwner(hand, "name", null);
    await patchOwner(hand, "namespace", null);
  },
  "adds what stays": async (hand) => {
    const { foreign } = hand.model;
    const [key, value] = [`x${hand.random.below(3)}`, valueOf(hand)];
    await patchContent(hand, { [key]: value }, somebody);
    await patch(hand, { metadata: { annotations: { [key]: value } } }, somebody);
    if (foreign.untracked) return;
    foreign.content[key] = value;
    foreign.annotations[key] = value;
  },
  "disables it": async (hand) => {
    await patch(
      hand,
      { metadata: { labels: ownerOf(hand.model), annotations: { [`${group}/reconcile`]: "disabled" } } },
      somebody,
    );
    hand.model.foreign.off = true;
  },
  [enabling]: async (hand) => {
    await patch(hand, { metadata: { annotations: { [`${group}/reconcile`]: null } } }, somebody);
    hand.model.foreign.off = false;
  },
  "adds by kubectl": async (hand) => patchContent(hand, { k: valueOf(hand) }, "kubectl-edit"),
  "takes fields by force": async ({ kube, ref, model, random }) => {
    // An apply would make an object that is not there.
    if ((await kube.get(ref, { metadataOnly: true })) === undefined) return;
    const object = bareObject(model, { a: String(random.below(9)) });
    await kube.apply(ref.resource, object, { fieldManager: "rival", force: true });
  },
  [wiping]: async (hand) => {
    await patch(hand, { metadata: { managedFields: [{}] } }, somebody);
    hand.model.foreign = { ...nothing(), untracked: true, off: hand.model.foreign.off };
  },
  deletes: async ({ kube, ref, model }) => {
    await kube.delete(ref);
    model.foreign = nothing();
  },
  "deletes, and recreates without labels": async ({ kube, ref, model, random }) => {
    await kube.delete(ref);
    model.foreign = nothing();
    const fieldManager = random.pick([somebody, "kubectl-create"]);
    await kube.create(ref.resource, bareObject(model, { a: "9", own: "1" }), { fieldManager });
    if (fieldManager === somebody) model.foreign.content["own"] = "1";
  },
};

function nothing(): Foreign {
  return { content: {}, annotations: {}, untracked: false, off: false };
}

function ownerOf({ declared: { metadata } }: Pick<Modelled, "declared">): object {
  return { [`${group}/name`]: "app", [`${group}/namespace`]: metadata.namespace };
}

/** Without labels and annotations. */
function bareObject({ declared: { apiVersion, kind, metadata } }: Modelled, content: object): KubeObject {
  const { labels: _labels, annotations: _annotations, ...rest } = metadata;
  const object: KubeObject = { apiVersion, kind, metadata: rest };
  return { ...object, [fieldOf(kind)]: content };
}

function fieldOf(kind: string): "data" | "spec" {
  return kind === "ConfigMap" ? "data" : "spec";
}

function managerOf({ random }: Hand): string {
  return random.pick([somebody, "kubectl-edit", "kubectl-patch"]);
}

function valueOf({ random }: Hand): string {
  return String(random.below(1_000));
}

async function patchContent(hand: Hand, content: object, manager: string): Promise<void> {
  await patch(hand, { [fieldOf(hand.model.declared.kind)]: content }, manager);
}

async function patchOwner(hand: Hand, label: string, value: string | null): Promise<void> {
  // What is disabled and not labelled is nobody's: nobody watches it.
  if (hand.model.foreign.off) return;
  await patch(hand, { metadata: { labels: { [`${group}/${label}`]: value } } }, somebody);
}

async function patch({ kube, ref }: Hand, body: object, fieldManager: string): Promise<void> {
  await kube.patch(ref, { type: "merge", body }, { fieldManager });
}
