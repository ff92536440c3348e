export { Config as KustomizeConfig } from "./config.ts";
export { kustomizeBinary } from "./kustomize-binary.ts";
export { build as buildKustomization } from "./kustomization/build.ts";
export { isEncrypted } from "./kustomization/encrypted.ts";
export { driftHandlingOf } from "./kustomization/drift-handling.ts";
export { createPostBuild } from "./kustomization/post-build.ts";
export { kustomizeController } from "./program.ts";
