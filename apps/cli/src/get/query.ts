import type { Target } from "../kinds.ts";
import type { Format } from "../output.ts";
import type { Filter } from "../status-selector.ts";

/** What is to be listed, and how. */
export interface Query {
  target: Target;
  labelSelector: string | undefined;
  filter: Filter;
  header: boolean;
  allNamespaces: boolean;
  format: Format;
}
