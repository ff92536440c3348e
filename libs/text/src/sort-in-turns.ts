import { turns } from "./turns.ts";

/** So many are sorted at once. */
const runLength = 2000;

/** The items in order, as `toSorted` returns them, while other work gets its turn. @param compare as for `toSorted` */
export async function sortInTurns<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  signal: AbortSignal,
): Promise<Item[]> {
  const turn = turns(signal);
  let runs: Item[][] = [];
  for (let start = 0; start < items.length; start += runLength) {
    runs.push(items.slice(start, start + runLength).toSorted(compare));
    await turn();
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2)
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare, turn));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  first: readonly Item[],
  second: readonly Item[],
  compare: (a: Item, b: Item) => number,
  turn: () => Promise<void>,
): Promise<Item[]> {
  const merged: Item[] = [];
  let at = 0;
  for (const item of first) {
    for (let other = second[at]; other !== undefined && compare(other, item) < 0; other = second[++at])
      merged.push(other);
    merged.push(item);
    if (merged.length % runLength === 0) await turn();
  }
  return merged.concat(second.slice(at));
}
