import { type Artifact, formatDuration, type Kustomization, Reason } from "@leat/api";
import type { EventSpec } from "@leat/controller";
import type { Source } from "@leat/deploy";
import type { World } from "./attempt.ts";
import type { Expressions, ExpressionsOf } from "./expressions.ts";
import { revisionsOf } from "./revisions.ts";
import { retryIntervalOf } from "./timing.ts";

/** What has to be known before anything is fetched. */
export interface Observed {
  compiled: ExpressionsOf;
  source: Source;
  /** Why a dependency has to be waited for; looked for where there is a source. */
  unready: string | undefined;
}

export type Decision =
  | { next: "stall" | "fail"; reason: string; message: string }
  | { next: "wait"; reason: string; message: string; retryAfterMs: number; events?: EventSpec[] }
  | { next: "deploy"; artifact: Artifact; expressions: Expressions };

type Flags = Pick<World, "permitsAccounts" | "requeueDependencyMs">;

/** Chooses the next step from facts alone, so that every case is a row in a table of tests. */
export function decide(object: Kustomization, { compiled, source, unready }: Observed, flags: Flags): Decision {
  if (object.metadata.name.length > longestName) {
    return { next: "stall", reason: Reason.ReconciliationFailed, message: nameIsTooLong };
  }
  if (object.spec.decryption?.serviceAccountName && !flags.permitsAccounts) {
    return { next: "stall", reason: Reason.FeatureGateDisabled, message: accountsAreOff };
  }
  if (compiled.kind === "invalid")
    return { next: "stall", reason: Reason.InvalidCELExpression, ...messageOf(compiled) };
  switch (source.kind) {
    case "denied":
      return { next: "stall", reason: Reason.AccessDenied, ...messageOf(source) };
    case "invalid":
      return { next: "fail", reason: Reason.ArtifactFailed, ...messageOf(source) };
    case "missing":
      return waitForSource(source.message, retryIntervalOf(object));
    case "noArtifact":
      return waitForSource(source.message, flags.requeueDependencyMs);
    case "found":
      if (unready !== undefined) return waitForDependency(unready, source.artifact, flags);
      return { next: "deploy", artifact: source.artifact, expressions: compiled.expressions };
  }
}

/** Of a label's value. */
const longestName = 63;
const nameIsTooLong = `the name of this Kustomization is longer than ${longestName} characters, which a label cannot hold; give it a shorter one`;

const accountsAreOff =
  "spec.decryption.serviceAccountName requires the feature gate ObjectLevelWorkloadIdentity of the controller";

function messageOf({ message }: { message: string }): { message: string } {
  return { message };
}

function waitForSource(message: string, retryAfterMs: number): Decision {
  return { next: "wait", reason: Reason.ArtifactFailed, message, retryAfterMs };
}

function waitForDependency(why: string, artifact: Artifact, { requeueDependencyMs: retryAfterMs }: Flags): Decision {
  const reason = Reason.DependencyNotReady;
  const message = `Dependencies do not meet ready condition, retrying in ${formatDuration(retryAfterMs)}`;
  const events: EventSpec[] = [{ type: "Normal", reason, message, metadata: revisionsOf(artifact) }];
  return { next: "wait", reason, message: why, retryAfterMs, events };
}
