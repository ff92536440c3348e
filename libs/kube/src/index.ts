export { ApiError, type ApiErrorCause } from "./api-error.ts";
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
export { holdLease, type Lease, type LeaseOptions } from "./lease.ts";
export { apiVersionOf } from "./path.ts";
export { withSharedReads } from "./shared-reads.ts";
export { type Change, startStore, type Store, type StoreOptions } from "./store.ts";
export type { RequestInfo, Verb } from "./transport.ts";
