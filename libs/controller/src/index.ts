/**
 * The runtime of every controller: queues, watches, conditions, events, metrics, flags, leader election and shutdown.
 *
 * - `defineController`: what the runtime needs of one kind. Its `reconcile` returns an outcome: `ready`, `waiting`, `progressing`,
 *   `failed` or `stalled`. The runtime writes conditions, status and events, and schedules the next run.
 * - `Program`: a controller program: flags, and `setUp`. `main` runs one as a process, `runPrograms` several in one process.
 * - `watchReferences`: watches the objects that a kind refers to, and finds them.
 * - `commonFlags`, `parseFlags`: flags as zod schemas, with Flux's names. `Deployment`: what it takes to run a controller.
 */
export { type Clouds, openClouds } from "./clouds.ts";
export {
  cloudFlags,
  type CommonConfig,
  type CommonDefaults,
  commonFlags,
  durationFlag,
  integerFlag,
  listenFlag,
  selectorFlag,
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
export type { ChartPart, Deployment, LocalPlaces, PolicyRule } from "./deployment.ts";
export { type Endpoint, listen } from "./endpoints.ts";
export type { EventSpec } from "./event-spec.ts";
export { main, untilStopped } from "./main.ts";
export { metricCatalogue, type MetricDefinition } from "./metric-catalogue.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export {
  type ConditionUpdate,
  type ConditionUpdates,
  type Explanation,
  failed,
  type FailureDetails,
  type Outcome,
  type OutcomeDetails,
  progressing,
  ready,
  stalled,
  type StatusUpdate,
  type SuccessDetails,
  waiting,
} from "./outcome.ts";
export { type Flags, parseFlags, usage, UsageError } from "./parse-flags.ts";
export { type Reconciled, reconcileOnce } from "./reconcile-once.ts";
export { type Hosted, runPrograms, type RunProgramsOptions } from "./run-programs.ts";
export { type ReferenceWatch, watchReferences, type WatchedReferences } from "./references/watch-references.ts";
export { sourceHosts } from "./source-hosts.ts";
export { suggestion } from "./suggestion.ts";
export type { Trigger } from "./trigger.ts";
export type { DeferredStore } from "./watch-when-served.ts";
