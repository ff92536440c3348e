/**
 * Ranges of versions as Flux reads them, in the grammar of the Go library Masterminds/semver: `>=1.2 <2.0.0`, `~1.4`,
 * `^2`, `1.x`, `1.2 - 1.4.5`, `!=1.3.0`, joined by a space or comma (and) or by `||` (or). npm's grammar differs.
 */
import { LimitExceeded } from "@leat/api";
import { comparePrereleases, compareVersions, parseVersion, type Version } from "./version.ts";

export interface VersionRange {
  includes: (version: Version) => boolean;
}

/** How much of a version was left open: `1.2` and `1.2.x` leave the patch, `1` the minor, `*` all of it. */
type Open = "nothing" | "patch" | "minor" | "all";

interface Bound {
  operator: string;
  /** What is open is 0. */
  version: Version;
  open: Open;
}

const number = "(?:\\d+|[xX*])";
const wildVersion = `v?(${number})(?:\\.(${number}))?(?:\\.(${number}))?(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;
const operators = "!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|";
const separator = "\\s*,\\s*|\\s+|$";

/** Characters. */
const maxLength = 256;

/**
 * `undefined` if the text is not a range.
 *
 * @throws LimitExceeded
 */
export function parseRange(text: string): VersionRange | undefined {
  if (text.length > maxLength)
    throw new LimitExceeded(`a version range of ${text.length} characters`, `${maxLength} characters`);
  const alternatives = withoutHyphens(text).split("||").map(parseBounds);
  if (!alternatives.every((bounds) => bounds !== undefined)) return undefined;
  return { includes: (version) => alternatives.some((bounds) => satisfies(version, bounds)) };
}

function withoutHyphens(text: string): string {
  return text.replace(new RegExp(`(${wildVersion})\\s+-\\s+(${wildVersion})`, "g"), (all) => {
    const [from, to] = all.split(/\s-\s/).map((version) => version.trim());
    return `>=${from}, <=${to}`;
  });
}

function parseBounds(text: string): Bound[] | undefined {
  const bound = new RegExp(`(${operators})\\s*${wildVersion}(?:${separator})`, "y");
  const trimmed = text.trim();
  const bounds: Bound[] = [];
  while (bound.lastIndex < trimmed.length) {
    const match = bound.exec(trimmed);
    const parsed = match && boundOf(match);
    if (!parsed) return undefined;
    bounds.push(parsed);
  }
  return bounds.length > 0 ? bounds : undefined;
}

function boundOf([, operator = "", ...parts]: RegExpExecArray): Bound | undefined {
  const [major, minor, patch, prerelease = "", build = ""] = parts;
  const open = isOpen(major) ? "all" : isOpen(minor) ? "minor" : isOpen(patch) ? "patch" : "nothing";
  const known = { all: [], minor: [major], patch: [major, minor], nothing: [major, minor, patch] }[open];
  const numbers = [0, 1, 2].map((index) => Number(known[index] ?? 0));
  const version = parseVersion(numbers.join(".") + prerelease + build);
  return version && { operator, version, open };
}

function isOpen(part: string | undefined): boolean {
  return part === undefined || /^[xX*]$/.test(part);
}

/** A prerelease belongs to a range only if one of the bounds names one. */
function satisfies(version: Version, bounds: readonly Bound[]): boolean {
  if (version.prerelease.length > 0 && !bounds.some((bound) => bound.version.prerelease.length > 0)) return false;
  return bounds.every((bound) => isWithin(version, bound));
}

function isWithin(version: Version, bound: Bound): boolean {
  switch (bound.operator) {
    case ">=":
    case "=>":
      return compareVersions(version, bound.version) >= 0;
    case "<":
      return compareVersions(version, bound.version) < 0;
    case ">":
      return compareClosed(version, bound) > 0;
    case "<=":
    case "=<":
      return compareClosed(version, bound) <= 0;
    case "!=":
      return !isSame(version, bound);
    case "~":
    case "~>":
      return isAbout(version, bound);
    case "^":
      return isCompatible(version, bound);
    default:
      return bound.open === "nothing" ? compareVersions(version, bound.version) === 0 : isAbout(version, bound);
  }
}

/** Compares only what the bound names: 11.5.0 is not greater than `11`. */
function compareClosed(version: Version, { version: bound, open }: Bound): number {
  if (open === "minor") return version.major - bound.major;
  if (open === "patch") return version.major - bound.major || version.minor - bound.minor;
  return compareVersions(version, bound);
}

function isSame(version: Version, bound: Bound): boolean {
  if (compareClosed(version, bound) !== 0) return false;
  return bound.open !== "patch" || comparePrereleases(version.prerelease, bound.version.prerelease) === 0;
}

function isAbout(version: Version, { version: bound, open }: Bound): boolean {
  if (compareVersions(version, bound) < 0) return false;
  // By the library: `~0.0.0` means any version.
  const isAny = open === "all" || (open === "nothing" && bound.major + bound.minor + bound.patch === 0);
  if (isAny) return true;
  return version.major === bound.major && (open === "minor" || version.minor === bound.minor);
}

/** The leftmost number that is not 0 stays the same. */
function isCompatible(version: Version, { version: bound, open }: Bound): boolean {
  if (compareVersions(version, bound) < 0) return false;
  if (open === "all") return true;
  if (version.major !== bound.major) return false;
  if (bound.major > 0 || open === "minor") return true;
  if (version.minor !== bound.minor) return false;
  return bound.minor > 0 || open === "patch" || version.patch === bound.patch;
}
