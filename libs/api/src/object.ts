/** Metadata of any Kubernetes object, of one not yet created too. Times are RFC 3339. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
  [other: string]: unknown;
}

/** Metadata of a namespaced object as an API server returns it. */
export interface StoredMeta extends ObjectMeta {
  namespace: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
}

/** Another object whose deletion takes this one with it. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Who owns which fields of an object, and by which operation it came to own them. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: "Apply" | "Update";
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  /** The set of fields in the notation `{"f:spec": {"f:replicas": {}}}`. */
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** Any Kubernetes object as plain JSON; no field is dropped. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}
