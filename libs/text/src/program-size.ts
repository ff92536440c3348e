/** Instructions that a regular expression may compile to; compiling takes some 50 ms. */
export const maxProgramSize = 20_000;

/**
 * About the number of instructions that RE2 compiles a regular expression to, because it writes out whatever is repeated a
 * number of times. RE2 itself limits repetitions within repetitions to 1000.
 */
export function programSize(regex: string): number {
  const counts = Array.from(regex.matchAll(/\{([0-9]{1,4})(?:,([0-9]{0,4}))?\}/g), ([, least, most]) =>
    Number(most || least),
  );
  return regex.length * counts.reduce((sum, count) => sum + count, 1);
}
