/** What a scenario has measured. */
export interface Measured {
  scenario: string;
  /** What one round is. */
  about: string;
  /** Seconds, a figure a round. */
  seconds: number[];
}

export function summaryOf({ scenario, about, seconds }: Measured): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const figures = `median ${at(0.5).toFixed(3)} s, p90 ${at(0.9).toFixed(3)} s, worst ${at(1).toFixed(3)} s of ${seconds.length}`;
  return `${scenario.padEnd(8)} ${figures}   ${about}`;
}
