import { groupOf, type KubeObject, type Resource } from "@leat/api";
import { ApiUnavailable } from "@leat/kube";
import type { CustomReadings } from "./kstatus/custom-readings.ts";
import { readStatus } from "./kstatus/read-status.ts";
import { current, type Reading } from "./kstatus/reading.ts";
import { type ObjectName, subjectOf } from "../objects/object-name.ts";
import { mapLimited } from "../run/map-limited.ts";
import { maskValues, Rejection, rejectionFrom } from "../objects/rejection.ts";
import type { Run } from "../run/run.ts";
import { objectPoliciesOf } from "../objects/object-policies.ts";
import type { KindWatch } from "../watch/kind-watch.ts";
import type { HealthTriggers } from "../watch/health-triggers.ts";

/** What has to be healthy. */
export interface HealthTarget extends ObjectName {
  /** Values that its status may repeat and that may not be told. */
  secrets?: readonly string[] | undefined;
}

export type Health =
  | { kind: "healthy" }
  | {
      kind: "inProgress";
      /** Those that are not there yet; `status` is `InProgress`, `Terminating` or `NotFound`. */
      objects: Array<{ subject: string; status: string; message: string }>;
    }
  | {
      kind: "failed";
      /** Those that will not become healthy without somebody's help. */
      objects: Array<{ subject: string; message: string }>;
      /** How many others are not healthy yet. */
      inProgress: number;
    };

/** What an object's status said, at which version of it. */
export interface Remembered {
  version: string;
  reading: Reading;
}

/** One target as it was found. */
interface Finding {
  target: HealthTarget;
  resource: Resource | undefined;
  status: Reading["status"] | "NotFound";
  message: string;
  resourceVersion: string | undefined;
}

/** How statuses are read. */
interface Readers {
  /** What was read before, by {@link targetKey}, in the same way. */
  memory: Map<string, Remembered>;
  custom: CustomReadings | undefined;
}

export interface HealthCheck extends Readers {
  targets: readonly HealthTarget[];
  healthTriggers: HealthTriggers;
}

/** Looks at each target once. Who is not yet healthy triggers the owner when it changes. */
export async function checkHealth(run: Run, { targets, healthTriggers, ...readers }: HealthCheck): Promise<Health> {
  const { memory } = readers;
  const findings = await mapLimited(targets, run.concurrency, async (target) => find(run, target, readers));
  dropOthers(
    memory,
    findings.map(({ target }) => target),
  );
  const pending = findings.filter(({ status }) => status !== "Current");
  healthTriggers.expect(
    run.owner,
    pending.flatMap(({ target, resource, resourceVersion }) =>
      resource === undefined ? [] : [{ kube: run.kube, key: targetKey(target), target, resource, resourceVersion }],
    ),
  );
  if (pending.length === 0) return { kind: "healthy" };
  const failed = pending.filter(({ status }) => status === "Failed");
  const inProgress = pending.length - failed.length;
  if (failed.length > 0) return { kind: "failed", objects: failed.map(tell), inProgress };
  return { kind: "inProgress", objects: pending.map((finding) => ({ status: finding.status, ...tell(finding) })) };
}

function tell({ target, message }: Finding): { subject: string; message: string } {
  return { subject: subjectOf(target), message: maskValues(message, target.secrets ?? []) };
}

function dropOthers(memory: Map<string, Remembered>, targets: readonly HealthTarget[]): void {
  if (memory.size <= targets.length) return;
  const keys = new Set(targets.map(targetKey));
  for (const key of memory.keys()) if (!keys.has(key)) memory.delete(key);
}

/** The version of the API does not matter. */
export function targetKey({ apiVersion, kind, namespace = "", name }: ObjectName): string {
  return `${groupOf(apiVersion)}/${kind}/${namespace}/${name}`;
}

async function find(run: Run, given: HealthTarget, readers: Readers): Promise<Finding> {
  const resource = await resourceOf(run, given);
  if (typeof resource === "string") return { ...unserved, target: given, message: resource };
  const target = resource.namespaced ? given : { ...given, namespace: undefined };
  const kindWatch = run.kindWatches.find(resource.group, resource.kind);
  const look = kindWatch?.look(target);
  if (look?.kind === "seen") {
    const { live } = look;
    const last = readers.memory.get(targetKey(target));
    // Of another's object nothing is told but what may be read.
    const isLeftAlone = live.policies.ignored && live.owner === run.owner;
    const reading = isLeftAlone ? leftAlone : last?.version === versionOf(live) ? last.reading : undefined;
    if (reading !== undefined) return { target, resource, ...reading, resourceVersion: live.resourceVersion };
  }
  return { target, resource, ...(await readServer(run, { ...readers, target, resource, kindWatch })) };
}

const unserved = { resource: undefined, status: "NotFound", resourceVersion: undefined } as const;

/** Or why there is none. */
async function resourceOf({ kube, signal }: Run, { apiVersion, kind }: HealthTarget): Promise<Resource | string> {
  try {
    return (await kube.resourceOf(apiVersion, kind, { signal })) ?? `no matches for kind ${kind} in ${apiVersion}`;
  } catch (error) {
    if (error instanceof ApiUnavailable) return error.message;
    throw error;
  }
}

interface Reader extends Readers {
  target: HealthTarget;
  resource: Resource;
  kindWatch: KindWatch | undefined;
}

async function readServer(
  run: Run,
  { target, resource, memory, custom, kindWatch }: Reader,
): Promise<Omit<Finding, "target" | "resource">> {
  const object = await readWhole(run, target, resource);
  if (object instanceof Rejection) return { status: "Failed", message: object.message, resourceVersion: undefined };
  if (object !== undefined) {
    const reading = read(run, object, custom);
    if (isLasting(object, reading)) memory.set(targetKey(target), { version: versionOf(object.metadata), reading });
    return { ...reading, resourceVersion: object.metadata.resourceVersion };
  }
  // Such an object removes itself when it is done, maybe before anybody has seen that it was.
  const isDone = kindWatch?.owners(target).some(({ selfDeleting }) => selfDeleting) === true;
  const seen = isDone
    ? current("completed and was deleted")
    : { status: "NotFound" as const, message: "does not exist" };
  return { ...seen, resourceVersion: undefined };
}

const leftAlone = current("is ignored");

function read({ rules }: Run, object: KubeObject, custom: CustomReadings | undefined): Reading {
  if (objectPoliciesOf(rules.ownerGroup, object.metadata).ignored) return leftAlone;
  return custom?.read(object) ?? readStatus(object, Date.now());
}

/** What is not yet so may become a failure by time alone. */
function isLasting({ kind }: KubeObject, { status }: Reading): boolean {
  return kind !== "Pod" || status === "Current";
}

async function readWhole(
  run: Run,
  target: HealthTarget,
  resource: Resource,
): Promise<KubeObject | Rejection | undefined> {
  const { apiVersion, kind, namespace, name } = target;
  try {
    return await run.kube.get({ resource, namespace, name }, { signal: run.signal });
  } catch (error) {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    return rejectionFrom(error, { object: { apiVersion, kind, metadata } });
  }
}

function versionOf({ uid = "", resourceVersion = "" }: { uid?: string; resourceVersion?: string }): string {
  return `${uid}@${resourceVersion}`;
}
