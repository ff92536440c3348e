import { validateHeaderValue } from "node:http";

/** Whether a text can be the value of a header. One that cannot must never come to undici: it holds up what is sent after it. */
export function isHeaderValue(text: string): boolean {
  try {
    validateHeaderValue("x", text);
    return true;
  } catch {
    return false;
  }
}
