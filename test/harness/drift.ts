import { core, type KubeObject } from "@leat/api";
import type { PostedEvent } from "@leat/testing";
import { postedAbout } from "./deploy.ts";
import { conditionOf, type Scenario } from "./scenario.ts";

/** A spec of the Kustomization `app` with this `driftDetection.mode`, and `more` fields beside it. */
export function driftMode(mode: string, more = ""): string {
  return `  path: ./app\n  prune: true\n  driftDetection: {mode: ${mode}${more}}`;
}

/** Changes a ConfigMap as a field manager whose fields are not taken over as those of kubectl are. */
export async function changeAs(scenario: Scenario, fieldManager: string, name: string, body: object): Promise<void> {
  const ref = { resource: core.ConfigMap, namespace: scenario.namespace, name };
  await scenario.kube.patch(ref, { type: "merge", body }, { fieldManager });
}

/** Waits until the condition Drifted of `app` reports drift in these words; gives its message. */
export async function untilDrifted(scenario: Scenario, words: RegExp, timeoutMs?: number): Promise<string> {
  const messageOf = (object: KubeObject) => {
    const condition = conditionOf(object, "Drifted");
    return condition?.status === "True" && condition.reason === "DriftDetected" ? condition.message : "";
  };
  const reports = (object: KubeObject) => words.test(messageOf(object));
  return messageOf(await scenario.until("Kustomization/app", `to report ${words.source}`, reports, timeoutMs));
}

/** Events of `app` with this reason. */
export function driftEvents(scenario: Scenario, reason: "DriftDetected" | "DriftCorrected"): PostedEvent[] {
  return postedAbout(scenario, "Kustomization/app").filter((event) => event.reason === reason);
}
