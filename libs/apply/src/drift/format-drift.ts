import type { Author, Drift } from "./drift.ts";

/** One object with drift. */
export interface ObjectDrift {
  /** `Kind/namespace/name`, or `Kind/name` for what is cluster-scoped. */
  subject: string;
  drift: Drift;
}

const mostOwners = 3;

/** One line for people: `Kind/namespace/name: paths, changed by whom and when`. */
export function describeDrift({ subject, drift }: ObjectDrift, { times = true }: { times?: boolean } = {}): string {
  switch (drift.kind) {
    case "deleted":
      return `${subject}: deleted`;
    case "shared": {
      const first = drift.owners.slice(0, mostOwners).join(", ");
      const more = drift.owners.length - mostOwners;
      const owners = more > 0 ? `${first} and ${more} more` : first;
      return `${subject}: also applied by ${owners}${drift.isKept ? "" : ", which keeps it"}`;
    }
    case "rejected": {
      const why = [drift.reason, drift.fields.join(", ")].filter(Boolean).join(": ");
      return `${subject}: the API server rejects the declared state${why === "" ? "" : ` (${why})`}`;
    }
    case "changed": {
      const more = drift.more > 0 ? ` and ${drift.more} more` : "";
      return `${subject}: ${drift.paths.join(", ")}${more}${authorsOf(drift.authors, times)}`;
    }
  }
}

function authorsOf(authors: readonly Author[], times: boolean): string {
  const [first] = authors;
  if (first === undefined) return "";
  const names = authors.map(({ manager, time }) => (times && time !== undefined ? `${manager} at ${time}` : manager));
  return `, ${first.isGuess ? "last written" : "changed"} by ${names.join(" and ")}`;
}
