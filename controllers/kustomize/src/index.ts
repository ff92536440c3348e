export { Config as KustomizeConfig } from "./config.ts";
export { kustomizeController } from "./program.ts";
