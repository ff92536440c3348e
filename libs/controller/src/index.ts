export type { Cause } from "./cause.ts";
export {
  type CommonConfig,
  type CommonDefaults,
  commonFlags,
  durationFlag,
  integerFlag,
  switchFlag,
} from "./common-flags.ts";
export {
  type AnyController,
  type ControllerDefinition,
  defineController,
  type Finalized,
  type Kind,
  type ObjectKey,
  type Parts,
  type Program,
  type Reconcilable,
  type Run,
  type Setup,
} from "./definition.ts";
export { type Endpoint, listen } from "./endpoints.ts";
export type { EventFact } from "./event-fact.ts";
export type { LateStore } from "./follow-late.ts";
export { main, untilStopped } from "./main.ts";
export { metricCatalogue, type MetricDefinition } from "./metric-catalogue.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
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
export { type Flags, parseFlags, usage, UsageError } from "./parse-flags.ts";
export { type Hosted, runPrograms, type RunProgramsOptions } from "./run-programs.ts";
export { suggestion } from "./suggestion.ts";
