/** How often a character is in a text, from a position on. */
export function countOf(character: string, text: string, from = 0): number {
  let count = 0;
  for (let at = text.indexOf(character, from); at >= 0; at = text.indexOf(character, at + 1)) count += 1;
  return count;
}
