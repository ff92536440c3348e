import type { Environment } from "@marcbachmann/cel-js";
import type { Duration } from "@marcbachmann/cel-js/evaluator";

/** Conversions of times that CEL's standard library has and the library lacks. */
export function addTimes(environment: Environment): void {
  const [time, duration] = ["google.protobuf.Timestamp", "google.protobuf.Duration"];
  const sync = { async: false };
  environment
    .registerFunction(`string(${time}): string`, textOf, sync)
    .registerFunction(`string(${duration}): string`, (given: Duration) => given.toString(), sync)
    .registerFunction(`int(${time}): int`, (given: Date) => BigInt(Math.floor(given.getTime() / 1000)), sync)
    .registerFunction(`timestamp(${time}): ${time}`, (given: Date) => given, sync)
    .registerFunction(`duration(${duration}): ${duration}`, (given: Duration) => given, sync);
}

/** RFC 3339, with as many digits of the second as it needs. */
function textOf(time: Date): string {
  return time.toISOString().replace(/(?:\.000|0{1,2})Z$/, "Z");
}
