/** A semantic version. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
  prerelease: readonly string[];
  /** Build metadata; of no importance for the order. */
  build: string;
}

const pattern =
  /^v?(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** Reads a complete version (semver.org, 2.0.0), which a `v` may precede; `undefined` for anything else. */
export function parseVersion(text: string): Version | undefined {
  const [matched, major, minor, patch, prerelease, build = ""] = pattern.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const identifiers = prerelease?.split(".") ?? [];
  if (identifiers.some((identifier) => /^0\d+$/.test(identifier))) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease: identifiers, build };
}

/** Precedence by semver.org, section 11: negative where `a` is the lower one. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrereleases(a.prerelease, b.prerelease);
}

export function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const order = compareIdentifiers(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifiers(a: string, b: string): number {
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber && bIsNumber) return a.length - b.length || compareText(a, b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return compareText(a, b);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
