export { compareVersions, parseVersion, type Version } from "./version.ts";
export { parseRange, type VersionRange } from "./version-range.ts";
