/** Digits of the smallest integers that a number cannot hold. */
const digits = 16;

/** Whether a JSON text has an integer of 16 digits or more outside of strings; some within strings count too. */
export function mayHoldLongInteger(text: string): boolean {
  for (let start = findRun(text, 0); start >= 0; start = findRun(text, endOfRun(text, start))) {
    if (text[start - 1] !== '"') return true;
  }
  return false;
}

/** Every run of 16 digits or more in a text that is not a part of a number with a point. */
export function* longIntegersIn(text: string): Generator<string> {
  for (let start = findRun(text, 0); start >= 0;) {
    const end = endOfRun(text, start);
    const isPart = text[start - 1] === "." || (text[end] === "." && isDigit(text, end + 1));
    if (!isPart) yield text.slice(start, end);
    start = findRun(text, end);
  }
}

/** Where the next run starts; -1 if there is none. Reads about one character of 16: a run of 16 digits covers every sixteenth. */
function findRun(text: string, from: number): number {
  let at = from + digits - 1;
  while (at < text.length) {
    if (isDigit(text, at)) {
      let start = at;
      while (start > from && isDigit(text, start - 1)) start -= 1;
      at = endOfRun(text, at);
      if (at - start >= digits) return start;
    }
    at += digits;
  }
  return -1;
}

function endOfRun(text: string, start: number): number {
  let end = start;
  while (isDigit(text, end)) end += 1;
  return end;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}
