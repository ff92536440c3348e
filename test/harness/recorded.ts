import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { core, type KubeObject, Reason } from "@leat/api";
import { eventually, type PostedEvent } from "@leat/testing";
import { logLinesOf } from "./harness.ts";
import { patienceOf, type Scenario } from "./scenario.ts";

/** What Flux's own controllers ended with in a scenario. */
interface Recording {
  about: string;
  objects: Record<string, Recorded | null>;
  events: Array<
    [kind: string, name: string, type: string, reason: string, message: string, annotations: Record<string, string>]
  >;
  posted: PostedEvent[];
}

type Recorded = Record<string, unknown> & { metadata: { name: string; managers: string[] } };

/**
 * Waits until the scenario is as it was recorded; fails with the differences that are left.
 *
 * @param folder that holds `<name>.json`
 */
export async function expectRecorded(scenario: Scenario, folder: string, name: string): Promise<void> {
  const text = await readFile(join(folder, `${name}.json`), "utf8");
  const recording = JSON.parse(text) as Recording;
  const expected = pictureOf(recording, `g-${name}`);
  let actual: unknown;
  const agrees = async () => {
    actual = pictureOf(await observe(scenario, Object.keys(recording.objects)), scenario.namespace);
    assert.deepEqual(actual, expected);
    return true;
  };
  try {
    await eventually(agrees, { what: name, timeoutMs: patienceOf(scenario.harness) });
  } catch (error) {
    const difference = (error as Error).cause as Error;
    throw new Error(`${difference.message}\n${await logLinesOf(scenario.harness, scenario.namespace)}`, {
      cause: error,
    });
  }
}

async function observe(scenario: Scenario, subjects: readonly string[]): Promise<Recording> {
  const objects = await Promise.all(
    subjects.map(async (subject) => [subject, await observeObject(scenario, subject)] as const),
  );
  const stored = await scenario.kube.list({ resource: core.Event, namespace: scenario.namespace });
  const posted = scenario.harness.events.events.map(({ event }) => event);
  return {
    about: "",
    objects: Object.fromEntries(objects),
    events: stored.objects
      .map(eventOf)
      .filter(([kind]) => recordedKinds.has(kind))
      .map(([kind, name, type, reason, message, metadata]) => {
        const told = asFlux({ reason, message });
        return [kind, name, type, told.reason, told.message, metadata];
      }),
    posted: posted
      .filter(({ involvedObject }) => involvedObject.namespace === scenario.namespace)
      .map((event) => ({ ...event, ...asFlux(event) })),
  };
}

const recordedKinds: ReadonlySet<string> = new Set(["GitRepository", "Kustomization"]);

/** Leat reports a correction of drift with its cause; Flux reports it as any other change. */
function asFlux({ reason, message }: Pick<PostedEvent, "reason" | "message">) {
  if (reason !== Reason.DriftCorrected) return { reason, message };
  const lines = message.replace(/^Drift corrected: /, "").split("\n");
  const changes = lines.map((line) => {
    const subject = line.slice(0, line.indexOf(": "));
    return `${subject} ${line.endsWith(": deleted") ? "created" : "configured"}`;
  });
  return { reason: Reason.Progressing, message: changes.join("\n") };
}

function eventOf(event: KubeObject): Recording["events"][number] {
  const { involvedObject, type, reason, message } = event as unknown as {
    involvedObject: { kind: string; name: string };
  } & Record<"type" | "reason" | "message", string>;
  return [involvedObject.kind, involvedObject.name, type, reason, message, event.metadata.annotations ?? {}];
}

async function observeObject(scenario: Scenario, subject: string): Promise<Recorded | null> {
  const object = await scenario.get(subject.startsWith("Widget/") ? `example.org/v1:${subject}` : subject);
  if (!object) return null;
  const { managedFields = [], ...metadata } = object.metadata;
  const managers = managedFields.map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter(Boolean).join(":"),
  );
  return { ...object, metadata: { ...metadata, managers } };
}

/** What has to agree, with names of this run taken out. */
function pictureOf(recording: Recording, namespace: string): unknown {
  const text = (value: unknown) => anonymous(JSON.stringify(value, sortedKeys), namespace);
  return {
    objects: Object.fromEntries(
      Object.entries(recording.objects).map(([key, object]) => [
        key,
        object && JSON.parse(text(objectPicture(object))),
      ]),
    ),
    events: [
      ...new Set(
        recording.events.map(([kind, name, type, reason, message, metadata]) =>
          text([kind, name, type, reason, wordsOf(type, reason, message), metadata]),
        ),
      ),
    ].toSorted(),
    posted: [...new Set(recording.posted.map((event) => text(postedPicture(event))))].toSorted(),
  };
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function objectPicture({ kind, metadata, ...rest }: Recorded): unknown {
  const { finalizers, labels, annotations, managers } = metadata as Recorded["metadata"] & Record<string, unknown>;
  const common = { finalizers, labels, annotations, managers: [...new Set(managers)].toSorted() };
  if (kind !== "GitRepository" && kind !== "Kustomization") {
    const { status: _status, ...content } = rest;
    return { ...common, content };
  }
  return {
    finalizers,
    managers: common.managers,
    status: statusPicture(rest["status"] as Record<string, unknown> | undefined),
  };
}

interface Said {
  type: string;
  status: string;
  reason: string;
  message: string;
  observedGeneration: number;
}

function statusPicture(status: Record<string, unknown> = {}): unknown {
  const {
    conditions = [],
    history,
    artifact,
    inventory,
    ...rest
  } = status as {
    conditions?: Said[];
    history?: Array<{ lastReconciledStatus: string; metadata?: object }>;
    artifact?: { path: string; revision: string };
    inventory?: unknown;
  };
  return {
    ...rest,
    ...("lastHandledReconcileAt" in rest && { lastHandledReconcileAt: "<t>" }),
    inventory,
    artifact: artifact && { path: artifact.path, revision: artifact.revision },
    history: history?.map(({ lastReconciledStatus, metadata }) => ({ lastReconciledStatus, metadata })),
    conditions: conditions.map(({ type, status: state, reason, message, observedGeneration }) => ({
      type,
      status: state,
      reason,
      observedGeneration,
      ...(isFixed(type, state, reason) && { message }),
    })),
  };
}

/** Messages of what is well are the same everywhere; what is wrong is told in each stack's own words. */
function isFixed(type: string, status: string, reason: string): boolean {
  return (type === "Ready" && status === "True") || type === "ArtifactInStorage" || reason === "ProgressingWithRetry";
}

function wordsOf(type: string, reason: string, message: string): string {
  return type === "Warning" || reason === "NotFound" ? "<own words>" : message.split("\n").toSorted().join("\n");
}

function postedPicture({
  involvedObject: { apiVersion, kind, name },
  severity,
  message,
  reason,
  metadata = {},
  reportingController,
}: PostedEvent): unknown {
  const type = severity === "error" ? "Warning" : "Normal";
  return {
    apiVersion,
    kind,
    name,
    severity,
    message: wordsOf(type, reason, message),
    reason,
    metadata,
    reportingController,
  };
}

function anonymous(json: string, namespace: string): string {
  return json
    .replaceAll(namespace, "<ns>")
    .replaceAll(/\b[0-9a-f]{40}\b/g, "<commit>")
    .replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:<digest>")
    .replaceAll(
      /(finished in|next run in|passed in|retrying in|timeout of) (?:[0-9.]+(?:ms|µs|ns|s|m|h))+/g,
      "$1 <duration>",
    );
}
