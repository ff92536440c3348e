import type { Target } from "../cluster/kinds.ts";
import type { Format } from "../terminal/output.ts";
import type { Filter } from "../cluster/status-selector.ts";

/** What is to be listed, and how. */
export interface Query {
  target: Target;
  labelSelector: string | undefined;
  filter: Filter;
  header: boolean;
  allNamespaces: boolean;
  format: Format;
}
