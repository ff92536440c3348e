/** A part of a file that people write, between two lines. */
export interface Section {
  /** Path from the root of the repository. */
  path: string;
  begins: string;
  ends: string;
}

/**
 * The text of a file with a section replaced.
 *
 * @throws Error if the file has no such section
 */
export function withSection(text: string, { path, begins, ends }: Section, content: string): string {
  const [before, rest] = text.split(begins);
  const after = rest?.split(ends)[1];
  if (after === undefined) throw new Error(`${path} has no generated section: it begins with ${begins.trim()}`);
  return `${before}${begins}${content}${ends}${after}`;
}
