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
  [/\bas whom\b|\bwho acts\b/gi, "identity, impersonated user"],
  [/\bwakes\b|\bwoken\b|wake-?ups?\b/gi, "trigger, enqueue"],
  [/refusal/gi, "rejection"],
  [/\bfights?\b|[a-z]Fight/g, "contention"],
  [/meddler/gi, "concurrent writer"],
  [/secretless/gi, "token access"],
  [/followLate|LateStore/g, "watch when served"],
  [/\bswitch(?:ed|es|ing) (?:it )?(?:off|on)\b|\bswitch off\b/gi, "disable, enable"],
  [/\banew\b/gi, "again, recreate"],
  [/\bat hand\b/gi, "available"],
  [/\blies? (?:in|with|beside)\b/gi, "is in, is stored in"],
  [/\bnot well\b(?!-)/gi, "unhealthy"],
  [/\bgraver?\b/gi, "level, severity"],
  [/\bshall\b/gi, "must, should"],
  [/\b(?:what|which|it|that) (?:is|was) no (?!longer\b|more\b|such\b)[a-z]+/gi, "invalid, missing, is not a"],
];

/** All words of a text that are not standard terms, in their order. */
export function findDialect(text: string): Finding[] {
  const findings = vocabulary.flatMap(([avoid, instead]) =>
    [...text.matchAll(avoid)].map(({ index, 0: found }) => ({ index, found, instead })),
  );
  return findings.toSorted((a, b) => a.index - b.index);
}
