import type { Random } from "@leat/testing";

/** A family of texts: one of about any size. */
export interface Shape {
  /** For messages. */
  name: string;
  of: (size: number) => string;
}

/**
 * Chooses a family of texts that parsers are often slow for: repeated characters, nesting, alternatives that backtrack, and
 * mixtures.
 *
 * @param fragments of the grammar of a parser, such as `["[", "]", ","]`
 */
export function shapeFrom(random: Random, fragments: readonly string[]): Shape {
  const some = () => Array.from({ length: 1 + random.below(3) }, () => random.pick(fragments)).join("");
  const [prefix, unit, suffix] = [random.below(2) ? some() : "", some(), random.below(2) ? some() : ""];
  const kind = random.pick(["repeated", "nested", "mixed"] as const);
  const name = `${kind} ${JSON.stringify([prefix, unit, suffix])}`;
  switch (kind) {
    case "repeated":
      return { name, of: (size) => prefix + unit.repeat(Math.ceil(size / unit.length)) + suffix };
    case "nested": {
      const half = (size: number) => Math.ceil(size / 2);
      const close = suffix || random.pick(fragments);
      return { name, of: (size) => unit.repeat(half(size) / unit.length) + close.repeat(half(size) / close.length) };
    }
    case "mixed": {
      const sample = Array.from({ length: 64 }, () => random.pick(fragments)).join("");
      return { name: `mixed ${JSON.stringify(sample)}`, of: (size) => sample.repeat(Math.ceil(size / sample.length)) };
    }
  }
}
