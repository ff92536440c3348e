import { LimitExceeded } from "@leat/api";
import { Lexer } from "yaml";
import { Rejection } from "./rejection.ts";

/** Lexical tokens of a file, seven for an entry: the library takes 50 MB to read so many. */
const maxTokens = 100_000;

/** Of a document, which is read at once; some 60 ms. */
const maxTokensOfDocument = 30_000;

/** Collections that are begun in a line or in brackets: the library takes a quadratic time for more. */
const maxDepth = 500;

/** Characters: a megabyte that base64 and encryption have made longer. */
const maxTokenLength = 2 * 1024 * 1024;

/**
 * Counts before the file is read, which takes no memory.
 *
 * @throws LimitExceeded, and Rejection for what is nested too deeply
 */
export async function checkTokens(text: string, turn: () => Promise<void>): Promise<void> {
  const depth = createDepth();
  let [count, own, before] = [0, 0, ""];
  for (const token of new Lexer().lex(text)) {
    count += 1;
    own = token === "---" && before !== startOfScalar ? 0 : own + 1;
    before = token;
    if (depth(token) > maxDepth) throw new Rejection("is nested too deeply");
    if (token.length > maxTokenLength)
      throw exceeds(`a text of ${token.length} characters`, `${maxTokenLength} characters`);
    if (own > maxTokensOfDocument)
      throw exceeds(`a document of more than ${maxTokensOfDocument} tokens of YAML`, `${maxTokensOfDocument} tokens`);
    if (count > maxTokens) throw exceeds(`more than ${maxTokens} tokens of YAML`, `${maxTokens} tokens`);
    if (count % 1000 === 0) await turn();
  }
}

/** What the lexer gives before a scalar's own text. */
const startOfScalar = "\u001f";

function exceeds(size: string, limit: string): LimitExceeded {
  return new LimitExceeded(`is encrypted and has ${size}`, limit);
}

/** Counts the collections that are open after each token; those that an indentation begins have a line each. */
function createDepth(): (token: string) => number {
  let [inBrackets, inLine] = [0, 0];
  return (token) => {
    if (token === "[" || token === "{") inBrackets += 1;
    else if (token === "]" || token === "}") inBrackets -= 1;
    else if (token === "-" || token === "?") inLine += 1;
    else if (token === "\n") inLine = 0;
    return inBrackets + inLine;
  };
}
