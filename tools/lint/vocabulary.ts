/** One use of a word that is not a standard term. */
export interface Finding {
  /** Offset in the text. */
  index: number;
  found: string;
  instead: string;
}

/**
 * Words and phrases that are not standard terms, and what to write instead. Each matches within identifiers, strings and
 * comments, and must have only one meaning in this code base: a rule with exceptions gets disabled.
 */
const vocabulary: ReadonlyArray<readonly [avoid: RegExp, instead: string]> = [
  [/\bput(?:s|ting)? right\b|put-?right/gi, "corrected"],
  [/\bas it is declared|\bas they are declared/gi, "as declared"],
  [/\bback again and again/gi, "keeps reverting"],
  [/\bothers have changed|\bforeign changes?\b/gi, "out-of-band change, drift"],
  [/rehears/gi, "dry-run"],
  [/confinement|\bconfin(?:e|ed|es)\b/gi, "sandbox, isolation"],
  [/\bsealed|[a-z]Sealed/g, "encrypted, sandboxed (a SealedSecret is something else)"],
  [/\b[aA]sker|[a-z]Asker/g, "key-service identity"],
  [/\bwhoever\b/gi, "name the actor"],
];

/** All words of a text that are not standard terms, in their order. */
export function findDialect(text: string): Finding[] {
  const findings = vocabulary.flatMap(([avoid, instead]) =>
    [...text.matchAll(avoid)].map(({ index, 0: found }) => ({ index, found, instead })),
  );
  return findings.toSorted((a, b) => a.index - b.index);
}
