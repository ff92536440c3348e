import { core, type KubeObject } from "@leat/api";
import type { Selection } from "@leat/kube";
import type { Controller } from "../cluster/controllers.ts";

/** A pod of a controller. */
export interface ControllerPod {
  controller: string;
  namespace: string;
  name: string;
}

export function podsOf({ deployment, namespace }: Controller): Selection {
  const { selector } = deployment["spec"] as { selector: { matchLabels?: Record<string, string> } };
  const labelSelector = Object.entries(selector.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  return { resource: core.Pod, namespace, labelSelector, metadataOnly: true };
}

export function podOf({ name, namespace }: Controller, { metadata }: KubeObject): ControllerPod {
  return { controller: name, namespace, name: metadata.name };
}
