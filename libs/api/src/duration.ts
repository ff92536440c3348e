import * as z from "zod";
import { Fault } from "./fault.ts";

/** An interval or a time limit as it stands in a manifest: `30s`, `1h30m`, `1.5m`. */
export const Duration = z.string().regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/);
export type Duration = z.output<typeof Duration>;

/** A duration without hours, as the time limits of sources are written. */
export const ShortDuration = z.string().regex(/^([0-9]+(\.[0-9]+)?(ms|s|m))+$/);

const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "\u00b5s": 1e3,
  "\u03bcs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const component = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;

/**
 * Milliseconds of a duration in Go's notation, such as `1h30m` or `0`; flags and manifests use the same one.
 * @throws Fault `InvalidDuration` for anything else, negative durations included.
 */
export function parseDuration(text: string): number {
  if (text === "0") return 0;
  let nanoseconds = 0;
  let read = 0;
  for (const match of text.matchAll(component)) {
    nanoseconds += Number(match[1]) * (nanosecondsPerUnit[match[2] ?? ""] ?? Number.NaN);
    read += match[0].length;
  }
  if (text === "" || read !== text.length || !(nanoseconds < 2 ** 63)) {
    throw new Fault("InvalidDuration", `${JSON.stringify(text)} is not a duration; write it like 30s, 10m or 1h30m`);
  }
  return nanoseconds / 1e6;
}

/** A duration as Go prints it: `0s`, `345.1ms`, `1.5s`, `1m30s`, `10m0s`, `1h0m0s`. */
export function formatDuration(ms: number): string {
  const nanoseconds = Math.round(Math.abs(ms) * 1e6);
  const sign = ms < 0 && nanoseconds > 0 ? "-" : "";
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${sign}${decimal(nanoseconds, 3)}\u00b5s`;
  if (nanoseconds < 1e9) return `${sign}${decimal(nanoseconds, 6)}ms`;
  const minutes = Math.floor(nanoseconds / 60e9);
  const seconds = `${decimal(nanoseconds % 60e9, 9)}s`;
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return `${sign}${hours === 0 ? "" : `${hours}h`}${minutes % 60}m${seconds}`;
}

/** `value / 10 ** digits` without rounding and without trailing zeros. */
function decimal(value: number, digits: number): string {
  const unit = 10 ** digits;
  const fraction = String(value % unit)
    .padStart(digits, "0")
    .replace(/0{1,9}$/, "");
  const whole = String(Math.floor(value / unit));
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
