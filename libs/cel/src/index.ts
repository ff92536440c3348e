/**
 * CEL expressions over Kubernetes objects, with limits on their cost.
 *
 * - `compile`: an expression from a spec, or the reason why it is invalid. It is evaluated with named objects, such as `self`.
 *
 * The functions are those of Kubernetes and Flux. docs/decisions/0007 has the reasons for the engine and the limits.
 */
export { createWork, type Work } from "./work.ts";
export { compile, type CompileOptions, type Compilation, type Evaluation, type Expression } from "./compile.ts";
