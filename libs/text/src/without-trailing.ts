/** Removes all of `characters` from the end of a text. A regular expression would be quadratic: V8 tries it at every offset. */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
