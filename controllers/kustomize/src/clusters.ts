import { Kustomization } from "@leat/api";
import { type ApplierOptions, createApplier } from "@leat/apply";
import type { Clouds, Setup } from "@leat/controller";
import { type Clusters, createClusters, readAccess } from "@leat/deploy";
import type { Kube } from "@leat/kube";
import type { Config } from "./config.ts";

/** The clusters that Kustomizations are applied to, each with an applier. */
export function openClusters(setup: Setup<Config>, { identities }: Clouds): Clusters {
  const { config, kube, guard, enqueue, signal } = setup;
  const access = {
    kube,
    identities,
    guard,
    permitInsecureTls: config.insecureKubeconfigTls,
    defaultKubeconfigServiceAccount: config.defaultKubeconfigServiceAccount,
    permitOwnToken: config.defaultServiceAccount === "",
  };
  return createClusters({
    own: { kube, applier: createApplier(applierOptions(setup, kube, signal)) },
    access: async (asked) => readAccess(access, asked),
    // It ends when it is disposed of.
    applierFor: (remote) => createApplier(applierOptions(setup, remote, new AbortController().signal)),
    userAgent: "leat/kustomize-controller",
    onReachable: (key) => enqueue(Kustomization, key, "retry"),
  });
}

function applierOptions({ config, log, enqueue }: Setup<Config>, kube: Kube, signal: AbortSignal): ApplierOptions {
  return {
    kube,
    fieldManager: "kustomize-controller",
    ownerGroup: Kustomization.group,
    overrideManagers: config.overrideManager,
    customStageKinds: config.customApplyStageKinds,
    concurrency: config.concurrentSsa,
    log,
    signal,
    onDrift: (owner, subject) => {
      log.info("drift detected", { kustomization: `${owner.namespace}/${owner.name}`, subject });
      enqueue(Kustomization, owner, "drift");
    },
    onHealth: (owner) => enqueue(Kustomization, owner, "health"),
  };
}
