/**
 * Applies sets of objects with server-side apply, and looks after them: inventory, pruning, health, drift.
 *
 * - `createApplier`: one for a cluster, for the objects of many owners. It skips objects that are provably unchanged, watches what
 *   it has applied, and reports drift and health.
 * - `preview`: the changes that an apply would make, by dry-run. `manifestsOf`: the objects as an apply sends them.
 * - `diffInventory`, `parseEntry`: the inventory in an owner's status.
 * - `createHealthWaits`, `waitResult`: waits for health that hold no worker. `readStatus`: the kstatus of an object.
 */
export { type Applier, type ApplierOptions, createApplier, type HealthRequest, type PruneRequest } from "./applier.ts";
export type { Action, ApplyOutcome, ApplyRequest, ObjectChange } from "./run/apply-all.ts";
export type { Declared } from "./objects/declared.ts";
export type { DriftHandling } from "./drift/drift-policy.ts";
export type { Drift } from "./drift/drift.ts";
export { describeDrift, type ObjectDrift } from "./drift/format-drift.ts";
export { diffInventory, entryOf, type InventoryEntry, parseEntry } from "./objects/inventory.ts";
export { nameOf, type ObjectName, subjectOf } from "./objects/object-name.ts";
export { maskerOf, placeOf } from "./objects/rejection.ts";
export type { Owner } from "./objects/owner.ts";
export type { PruneOutcome } from "./run/prune.ts";
export type { Health, HealthTarget } from "./health/health.ts";
export { createHealthWaits, type HealthWaits, waitResult } from "./health/health-waits.ts";
export { type DriftReport, reportDrift } from "./drift/drift-report.ts";
export { type CustomReadings, customReadings, type CustomReadingsOf } from "./health/kstatus/custom-readings.ts";
export { readStatus } from "./health/kstatus/read-status.ts";
export type { Reading } from "./health/kstatus/reading.ts";
export { type Manifests, manifestsOf, type ManifestsRequest } from "./preview/manifests.ts";
export { preview, type Preview, type PreviewRequest } from "./preview/preview.ts";
export type { ObjectPreview, Verdict } from "./preview/verdict.ts";
export { valueAt } from "./fields/differences.ts";
export type { Path } from "./fields/ignore-rules.ts";
export type { Compared } from "./run/comparison.ts";
