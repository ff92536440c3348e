import type { Resource } from "@leat/api";
import type { Served } from "./discovery-document.ts";

/**
 * The resource that a person means by a word: its kind, plural, singular or short name, in any case; alone, or followed by
 * the group (`deployment.apps`) or by version and group (`deployments.v1.apps`). The first that the server names wins, but
 * a name in full wins over a short one.
 */
export function resourceNamed(served: readonly Served[], word: string): Resource | undefined {
  const wanted = word.toLowerCase();
  const inFull = served.find((one) => formsOf(one, [one.resource.plural, one.singular, one.resource.kind]).has(wanted));
  return (inFull ?? served.find((one) => formsOf(one, one.shortNames).has(wanted)))?.resource;
}

function formsOf({ resource: { group, version } }: Served, names: readonly string[]): Set<string> {
  const known = names.filter((name) => name !== "").map((name) => name.toLowerCase());
  return new Set(known.flatMap((name) => [name, `${name}.${group}`, `${name}.${version}.${group}`]));
}
