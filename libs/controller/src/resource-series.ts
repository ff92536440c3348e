import type { Sample } from "./live-gauge.ts";

/** Of one kind in one namespace. */
const mostNamed = 50;

/**
 * The series of `gotk_resource_info`, from the labels of each object. In a large namespace, 50 objects have series of their own,
 * those first that are not simply ready. The others share one for each state, without a name, whose value is their number: sums
 * stay right, and a tenant has no more series than that.
 */
export function resourceSeries(infos: Iterable<Record<string, string>>): Sample[] {
  const byNamespace = Map.groupBy(infos, ({ exported_namespace: namespace }) => namespace);
  return [...byNamespace.values()].flatMap((all) => {
    if (all.length <= mostNamed) return all.map(named);
    const sorted = [...all.filter(isRemarkable), ...all.filter((labels) => !isRemarkable(labels))];
    return [...sorted.slice(0, mostNamed).map(named), ...counted(sorted.slice(mostNamed))];
  });
}

function isRemarkable({ ready, suspended, drifted }: Record<string, string>): boolean {
  return ready !== "True" || suspended === "true" || drifted === "True";
}

function named(labels: Record<string, string>): Sample {
  return { labels, value: 1 };
}

function counted(infos: ReadonlyArray<Record<string, string>>): Sample[] {
  const states = Map.groupBy(
    infos.map((labels) => Object.fromEntries(Object.entries(labels).filter(([label]) => label !== "name"))),
    (state) => JSON.stringify(state),
  );
  return [...states.values()].flatMap((same) => (same[0] ? [{ labels: same[0], value: same.length }] : []));
}
