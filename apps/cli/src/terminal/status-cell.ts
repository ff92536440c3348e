import type { Cell } from "./table.ts";
import type { TextStyle } from "./terminal.ts";

const styles: Readonly<Record<string, TextStyle>> = {
  Current: "green",
  InProgress: "yellow",
  Terminating: "yellow",
  Failed: "red",
  NotFound: "red",
};

/** What the cluster has made of an object. */
export function statusCell(status: string): Cell {
  return { text: status, style: styles[status] };
}
