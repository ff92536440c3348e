/**
 * Child processes with limits, and the only place that starts any: no shell, an empty environment, a process group.
 *
 * - `run`: a program to its end, with a time limit and a limit on its output.
 * - `startService`: a program that runs until it is stopped, with its output in a file.
 * - `startCoprocess`: a program that is written to and read from.
 * - `findProgram`: a program on the PATH.
 */
export { type Coprocess, type CoprocessOptions, startCoprocess } from "./coprocess.ts";
export { findProgram } from "./find-program.ts";
export { identityOf, type ProcessIdentity, processState, thisProcess } from "./process-identity.ts";
export { ProcessError } from "./process-error.ts";
export { type Finished, run, type RunOptions } from "./run.ts";
export { type Service, type ServiceOptions, startService } from "./service.ts";
