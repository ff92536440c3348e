import { Fault, Reason } from "@leat/api";
import { nameOf } from "./message.ts";
import { Rejection } from "./rejection.ts";

/** Of the manifests of one build. */
export const maxOutputBytes = 64 * 1024 * 1024;

export function tooMuchOutput(cause?: unknown): Rejection {
  const most = `${maxOutputBytes / 1024 / 1024} MiB`;
  return new Rejection(`the manifests are larger than ${most}; split this Kustomization`, { cause });
}

/** Of one program that runs kustomize; three run at a time at most. */
export function tooMuchMemory(directory: string, maxMemoryBytes: number, cause?: unknown): Fault {
  const limit = `${Math.floor(maxMemoryBytes / 1024 / 1024)} MiB`;
  const message = `${nameOf(directory)} cannot be built: kustomize needs more than ${limit} of memory; split it`;
  return new Fault(Reason.BuildFailed, message, { cause, isExhaustion: true });
}

export function tookTooLong(timeoutMs: number, cause?: unknown): Fault {
  return new Fault(Reason.BuildFailed, `build cancelled after ${timeoutMs / 1000}s`, { cause, isExhaustion: true });
}

export function hadToMakeRoom(patienceMs: number): Fault {
  const took = `build cancelled after ${patienceMs / 1000}s because other builds were waiting`;
  return new Fault(Reason.BuildFailed, `${took}; the next attempt waits until it can take longer`);
}
