export type {
  Applied,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  Kube,
  ObjectRef,
  Patch,
  PatchOptions,
  Selection,
  WatchEvent,
  WriteOptions,
} from "./kube.ts";
export { type Change, startStore, type Store, type StoreOptions } from "./store.ts";
