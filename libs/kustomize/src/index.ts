export {
  type Build,
  type Builder,
  type BuilderOptions,
  type BuildRequest,
  createBuilder,
  withObjects,
} from "./builder.ts";
export type { Decryption, MaybeEncrypted, Opened, ReadAs } from "./decryption.ts";
export { type BuiltObject, builtObject } from "./objects.ts";
export type { Overlay } from "./overlay.ts";
export type { SourceFiles } from "./repository.ts";
