/**
 * Builds kustomizations, in a sandbox and without reading anything but the files of the source.
 *
 * - `createBuilder`: traces the files that a kustomization reads, builds it with them alone, and remembers the result by the
 *   digest
 *   of its inputs. Remote bases are fetched by the `kustomize` program.
 * - `withObjects`: a build with other objects, for what is done after it.
 */
export {
  type Build,
  type Builder,
  type BuilderOptions,
  type BuildRequest,
  createBuilder,
  withObjects,
} from "./builder.ts";
export type { Decryption, MaybeEncrypted, Opened, ReadAs } from "./decryption.ts";
export { type BuiltObject, builtObject, type RetypedField } from "./objects.ts";
export type { Overlay } from "./overlay.ts";
export type { SourceFiles } from "./repository.ts";
