/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** A whole number from 0 to `limit - 1`. */
  below: (limit: number) => number;
  pick: <Item>(items: readonly Item[]) => Item;
}

/** A linear congruential generator modulo 2^32; its upper bits are random enough to choose moments and files. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("there is nothing to pick from");
      return item;
    },
  };
}
