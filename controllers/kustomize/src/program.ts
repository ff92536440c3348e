import { join } from "node:path";
import { Kustomization } from "@leat/api";
import { type Applier, type ApplierOptions, createApplier } from "@leat/apply";
import { createArtifactCache } from "@leat/artifact";
import type { Parts, Program, Setup } from "@leat/controller";
import { createHttp } from "@leat/http";
import type { Kube } from "@leat/kube";
import { type BuilderOptions, createBuilder } from "@leat/kustomize";
import { readAccess } from "./clusters/access.ts";
import { type Clusters, createClusters } from "./clusters/clusters.ts";
import { tellConfinement } from "./confinement.ts";
import { Config, kustomizeBinary, programPath, sourceHosts } from "./config.ts";
import { followSources } from "./followed-sources.ts";
import { kustomizationController } from "./kustomization/controller.ts";
import type { DependencyLookup } from "./kustomization/dependencies.ts";
import { createHealthWaits } from "./kustomization/health-waits.ts";
import { createReferences } from "./kustomization/references.ts";

export const kustomizeController: Program<Config> = { name: "kustomize-controller", flags: Config, setUp };

async function setUp(setup: Setup<Config>): Promise<Parts> {
  const { config, kube, signal, wake } = setup;
  await using stack = new AsyncDisposableStack();
  const http = stack.use(createHttp());
  const references = createReferences();
  const artifacts = stack.use(
    await createArtifactCache({
      directory: join(config.workDirectory, "artifacts"),
      http,
      timeoutMs: config.httpTimeout,
      hosts: sourceHosts(),
    }),
  );
  const builder = stack.use(createBuilder(builderOptions(config)));
  void tellConfinement(builder, setup);
  const applier = stack.use(createApplier(applierOptions(setup, kube, signal)));
  const clusters = stack.use(clustersOf(setup, applier));
  const controller = kustomizationController({
    kube,
    sources: { find: followSources(setup, references), noCrossNamespaceRefs: config.noCrossNamespaceRefs },
    dependencies: dependencyLookup(setup),
    artifacts,
    builder,
    clusters,
    healthWaits: createHealthWaits(),
    defaultServiceAccount: config.defaultServiceAccount,
    requeueDependencyMs: config.requeueDependency,
    references,
    wakeDependents: (key) => {
      for (const referrer of references.to(Kustomization.kind, key)) wake(Kustomization, referrer, "dependency");
    },
  });
  const parts = stack.move();
  return { controllers: [controller], [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function clustersOf(setup: Setup<Config>, applier: Applier): Clusters {
  const { config, kube, wake } = setup;
  const accessOptions = {
    kube,
    permitInsecureTls: config.insecureKubeconfigTls,
    defaultKubeconfigServiceAccount: config.defaultKubeconfigServiceAccount,
    permitOwnToken: config.defaultServiceAccount === "",
  };
  return createClusters({
    own: { kube, applier },
    access: async (asked) => readAccess(accessOptions, asked),
    // It ends when it is disposed of.
    applierFor: (remote) => createApplier(applierOptions(setup, remote, new AbortController().signal)),
    wake: (key) => wake(Kustomization, key, "retry"),
  });
}

function builderOptions(config: Config): BuilderOptions {
  return {
    kustomize: () => kustomizeBinary(config.kustomizeBinary),
    renderer: () => programPath(config.kustomizeRenderer),
    directory: join(config.workDirectory, "builds"),
    noRemoteBases: config.noRemoteBases,
  };
}

function applierOptions({ config, log, wake }: Setup<Config>, kube: Kube, signal: AbortSignal): ApplierOptions {
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
      wake(Kustomization, owner, "drift");
    },
    onHealth: (owner) => wake(Kustomization, owner, "health"),
  };
}

/** Dependencies of other shards and namespaces are not watched: those are read. */
function dependencyLookup({ config, kube, objects }: Setup<Config>): DependencyLookup {
  const own = objects(Kustomization);
  const seesAll = config.watchAllNamespaces && config.watchLabelSelector === undefined;
  return {
    find: async (namespace, name) =>
      own.get(namespace, name) ?? (seesAll ? undefined : kube.get({ resource: Kustomization, namespace, name })),
  };
}
