/**
 * A client for Kubernetes API servers.
 *
 * - `connect`: from a kubeconfig or a pod's ServiceAccount, to a `Kube`: requests, watches, server-side apply, impersonation.
 * - `startStore`: a watched set of objects, kept up to date, with a callback for changes.
 * - `readConfigData`: a ConfigMap or Secret, or that it is missing or forbidden.
 * - `parseLabelSelector`: a selector as kubectl reads it.
 * - `holdLease`: leader election. `withSharedReads`: equal reads at the same time become one request.
 * - `ApiError`: a response with an error. `ApiUnavailable`: the server of an aggregated API does not respond.
 */
export { ApiError, type ApiErrorCause, ApiUnavailable } from "./api-error.ts";
export { type ConfigData, type ConfigDataRead, readConfigData } from "./config-data.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export { kubeconfigNames } from "./kubeconfig-file.ts";
export { namespaceOf } from "./namespace-of.ts";
export type {
  Applied,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  Kube,
  LogRequest,
  Listed,
  ListOptions,
  ObjectRef,
  Patch,
  PatchOptions,
  Selection,
  Token,
  TokenRequest,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./kube.ts";
export { type LabelSelector, parseLabelSelector } from "./label-selector.ts";
export { holdLease, type Lease, type LeaseOptions } from "./lease.ts";
export { apiVersionOf } from "./path.ts";
export { withSharedReads } from "./shared-reads.ts";
export { type Change, startStore, type Store, type StoreOptions } from "./store.ts";
export { unlessAborted } from "./unless-aborted.ts";
export type { RequestInfo, Verb } from "./transport.ts";
