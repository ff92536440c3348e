export { type Applier, type ApplierOptions, createApplier, type HealthRequest, type PruneRequest } from "./applier.ts";
export type { Action, ApplyOutcome, ApplyRequest, ObjectChange } from "./apply.ts";
export type { Declared } from "./declared.ts";
export { diffInventory, entryOf, type InventoryEntry, parseEntry } from "./inventory.ts";
export { type ObjectName, subjectOf } from "./object-name.ts";
export type { Owner } from "./owner.ts";
export type { PruneOutcome } from "./prune.ts";
export type { Health, HealthTarget } from "./health.ts";
export { type CustomReadings, customReadings, type CustomReadingsOf } from "./kstatus/custom-readings.ts";
