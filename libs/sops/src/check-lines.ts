import { LimitExceeded } from "@leat/api";

/** Lines of an encrypted file; some 50 ms. An encrypted value has one. */
const maxLines = 50_000;

/** @throws LimitExceeded */
export function checkLines(text: string): void {
  let count = 1;
  for (let feed = text.indexOf("\n"); feed >= 0; feed = text.indexOf("\n", feed + 1)) count += 1;
  if (count > maxLines) throw new LimitExceeded(`is encrypted and has ${count} lines`, `${maxLines} lines`);
}
