import { Fault, Reason } from "@leat/api";
import { Refusal } from "./refusal.ts";

/** Of the manifests of one build. */
export const maxOutputBytes = 256 * 1024 * 1024;

export function tooMuchOutput(cause?: unknown): Refusal {
  const most = `${maxOutputBytes / 1024 / 1024} MiB`;
  return new Refusal(`the manifests are larger than ${most}; split them over several Kustomizations`, { cause });
}

export function tookTooLong(timeoutMs: number, cause?: unknown): Fault {
  return new Fault(Reason.BuildFailed, `kustomize took longer than ${timeoutMs / 1000} seconds`, { cause });
}

export function hadToMakeRoom(patienceMs: number): Fault {
  const took = `kustomize took longer than ${patienceMs / 1000} seconds, as others did before it, and made room for more`;
  return new Fault(Reason.BuildFailed, `${took}; split what it builds over several Kustomizations`);
}
