import { shortDigests } from "./short-digests.ts";

/** A message on one line, with its digests cut to what tells them apart. */
export function oneLine(message: string): string {
  return shortDigests(
    message
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean)
      .join(" "),
  );
}
