// As many as the API server serves at once without falling behind.
const lanes = 16;

/** Does it for each item, some at a time. */
export async function inLanes<Item>(items: Iterable<Item>, work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = Iterator.from(items);
  const lane = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
