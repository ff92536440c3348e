export { identityOf, type ProcessIdentity, processState, thisProcess } from "./process-identity.ts";
export { type Finished, ProcessError, run, type RunOptions } from "./run.ts";
export { type Service, type ServiceOptions, startService } from "./service.ts";
