import { type KubeObject, obsoleteAnnotations, obsoleteLabels, type Resource } from "@leat/api";
import { edit, isRecord } from "../fields/json-edit.ts";
import { type Origin, rejectionOf } from "./rejection.ts";

/**
 * The object as it is sent: labelled, without what only a server sets, with what server-side apply needs to compare it
 * well. What did not have to change is shared with the object that came in, which stays as it was.
 *
 * @throws Rejection where it cannot be sent as it is
 */
export function render(
  origin: Origin,
  resource: Pick<Resource, "namespaced">,
  labels: Readonly<Record<string, string>>,
): KubeObject {
  const { object } = origin;
  const { status: _, ...rest } = object;
  const metadata = cleanMetadata(object.metadata);
  if (!resource.namespaced) delete metadata.namespace;
  else if (!metadata.namespace) {
    throw rejectionOf(origin, `${object.kind} requires a namespace: set metadata.namespace or spec.targetNamespace`);
  }
  metadata.labels = { ...metadata.labels, ...labels };
  return normalize({ ...rest, metadata }, origin);
}

/** Fields of the metadata. */
export const setByServer = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
] as const;

function cleanMetadata(metadata: KubeObject["metadata"]): KubeObject["metadata"] {
  const clean = { ...metadata };
  for (const field of setByServer) delete clean[field];
  if (!isRecord(clean.annotations)) delete clean.annotations;
  else clean.annotations = without(clean.annotations, obsoleteAnnotations);
  if (isRecord(clean.labels)) clean.labels = without(clean.labels, obsoleteLabels);
  return clean;
}

/** What every apply takes away must not be declared either: it would come back each time. */
function without(entries: Record<string, string>, keys: readonly string[]): Record<string, string> {
  if (!keys.some((key) => key in entries)) return entries;
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !keys.includes(key)));
}

function normalize(object: KubeObject, origin: Origin): KubeObject {
  const { apiVersion, kind } = object;
  if (apiVersion === "v1" && kind === "Secret") return encodeStringData(object, origin);
  if (apiVersion === "v1" && kind === "Service") return edit(object, ["spec", "ports", "*"], withProtocol);
  if (kind === "ClusterRole") return withoutAggregated(object);
  if (kind === "CustomResourceDefinition") return edit(object, conversionWebhook, withoutPlaceholder);
  const template = podTemplates.get(kind);
  if (template === undefined) return object;
  return normalizePods(kind === "Job" ? edit(object, ["spec", "template"], withMetadata) : object, template);
}

const conversionWebhook = ["spec", "conversion", "webhook", "clientConfig"];

/** Where the pod's `spec` and `metadata` are. */
const podTemplates: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    Pod: [],
    PodTemplate: ["template"],
    CronJob: ["spec", "jobTemplate", "spec", "template"],
    Job: ["spec", "template"],
    DaemonSet: ["spec", "template"],
    Deployment: ["spec", "template"],
    ReplicaSet: ["spec", "template"],
    ReplicationController: ["spec", "template"],
    StatefulSet: ["spec", "template"],
  }),
);

function normalizePods(object: KubeObject, template: readonly string[]): KubeObject {
  let next = object;
  for (const list of ["containers", "initContainers", "ephemeralContainers"]) {
    next = edit(next, [...template, "spec", list, "*", "ports", "*"], withProtocol);
  }
  // Generators of manifests leave these behind; server-side apply would take them for declared.
  const embedded = [template, ["spec", "jobTemplate"], ["spec", "volumeClaimTemplates", "*"]];
  for (const place of embedded) {
    if (place.length > 0) next = edit(next, [...place, "metadata"], withoutTimestamp);
  }
  return edit(next, ["spec", "volumeClaimTemplates", "*"], withoutStatus);
}

/**
 * The server labels the pods of a Job, which cannot change. Who has applied an empty `metadata` there owns it as a whole, as
 * Flux does: to take over without it would take the labels away.
 */
function withMetadata(template: unknown): unknown {
  return isRecord(template) && !isRecord(template["metadata"]) ? { ...template, metadata: {} } : template;
}

/** The key of a port is its number and protocol, so that an absent one would never match its default. */
function withProtocol(port: unknown): unknown {
  return isRecord(port) && (port["protocol"] ?? "") === "" ? { ...port, protocol: "TCP" } : port;
}

function withoutTimestamp(metadata: unknown): unknown {
  if (!isRecord(metadata) || metadata["creationTimestamp"] !== null) return metadata;
  const { creationTimestamp: _, ...rest } = metadata;
  return rest;
}

function withoutStatus(claim: unknown): unknown {
  if (!isRecord(claim) || !("status" in claim)) return claim;
  const { status: _, ...rest } = claim;
  return rest;
}

/** A placeholder instead of a certificate is rejected by the server; who injects the real one does not need it. */
function withoutPlaceholder(config: unknown): unknown {
  if (!isRecord(config) || typeof config["caBundle"] !== "string") return config;
  if (Buffer.from(config["caBundle"], "base64").toString().includes("-----BEGIN CERTIFICATE")) return config;
  const { caBundle: _, ...rest } = config;
  return rest;
}

/** The cluster fills in the rules that it aggregates: to declare that there are none would never converge. */
function withoutAggregated(object: KubeObject): KubeObject {
  const { rules, ...rest } = object;
  const isEmpty = rules === null || (Array.isArray(rules) && rules.length === 0);
  return isEmpty && isRecord(object["aggregationRule"]) ? rest : object;
}

/** `stringData` is write-only, so that a key that leaves it would never leave `data`. */
function encodeStringData(object: KubeObject, origin: Origin): KubeObject {
  if (!("stringData" in object)) return object;
  const { stringData, ...rest } = object;
  if (stringData === null) return rest;
  const data = new Map(Object.entries(mapIn(object, "data", origin)));
  for (const [key, value] of Object.entries(mapIn(object, "stringData", origin))) {
    if (value === null) continue;
    if (typeof value !== "string") throw rejectionOf(origin, `stringData.${key} must be a string: quote it`);
    data.set(key, Buffer.from(value).toString("base64"));
  }
  return { ...rest, data: Object.fromEntries(data) };
}

/** @throws Rejection that does not show the value */
function mapIn(object: KubeObject, field: string, origin: Origin): Record<string, unknown> {
  const value = object[field] ?? {};
  if (!isRecord(value)) throw rejectionOf(origin, `${field} must be a map of keys to values`);
  return value;
}
