export { type Coprocess, type CoprocessOptions, startCoprocess } from "./coprocess.ts";
export { findProgram } from "./find-program.ts";
export { identityOf, type ProcessIdentity, processState, thisProcess } from "./process-identity.ts";
export { ProcessError } from "./process-error.ts";
export { type Finished, run, type RunOptions } from "./run.ts";
export { type Service, type ServiceOptions, startService } from "./service.ts";
