/** Values that a document may have once its aliases are written out: more than the largest manifests hold. */
const maxValues = 2_000_000;

/** Of a small document, aliases may make this many times as many values. */
const maxGrowth = 100;

/** Too few to do harm whatever the growth. */
const harmless = 100_000;

/**
 * Says what is wrong with a parsed document that has no finite form as JSON: aliases that grow without measure when they
 * are written out, or name what holds them, and numbers that JSON lacks. `undefined` where nothing is wrong.
 */
export function whatIsWrong(document: unknown): string | undefined {
  const sizes = new Map<object, number>();
  const open = new Set<object>();

  const sizeOf = (value: unknown): number => {
    if (typeof value === "number" && !Number.isFinite(value)) throw new Wrong(`${value} is not a JSON number`);
    if (typeof value !== "object" || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    if (open.has(value)) throw new Wrong("an alias refers to a collection that contains it");
    open.add(value);
    let size = 1;
    for (const member of Object.values(value)) size += sizeOf(member);
    open.delete(value);
    sizes.set(value, size);
    return size;
  };

  try {
    const size = sizeOf(document);
    const tooMany = size > maxValues || (size > harmless && size > sizes.size * maxGrowth);
    return tooMany ? "its expanded aliases are too large" : undefined;
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
}

/** Whether a text may hold what `whatIsWrong` looks for; most hold none of it. */
export function isSuspect(text: string): boolean {
  return /(?:^|[\s[{,:?-])\*|\.(?:inf|nan)/im.test(text);
}

class Wrong extends Error {}
