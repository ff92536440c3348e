export { type CommonConfig, commonFlags } from "./common-flags.ts";
export {
  type Cause,
  type ControllerDefinition,
  type Finalized,
  type ObjectKey,
  type Parts,
  type Program,
  type Run,
  type Setup,
} from "./definition.ts";
export type { EventFact } from "./event-fact.ts";
export { parseFlags, UsageError } from "./parse-flags.ts";
export type { Metrics } from "./metrics.ts";
export {
  type ConditionFact,
  type ConditionFacts,
  type Facts,
  failed,
  type Outcome,
  progressing,
  ready,
  stalled,
  type StatusFacts,
  waiting,
} from "./outcome.ts";
export { main } from "./main.ts";
export { type Hosted, runPrograms } from "./run-programs.ts";
