/**
 * Semantic versions, and ranges of them in the grammar of Masterminds/semver, which Flux uses.
 *
 * - `parseVersion`, `compareVersions`, `parseRange`.
 */
export { compareVersions, parseVersion, type Version } from "./version.ts";
export { parseRange, type VersionRange } from "./version-range.ts";
