import { join } from "node:path";
import { Kustomization } from "@leat/api";
import { type Applier, type ApplierOptions, createApplier, createHealthWaits } from "@leat/apply";
import { createArtifactCache } from "@leat/artifact";
import {
  type Clouds,
  openClouds,
  type Parts,
  type Program,
  type Setup,
  sourceHosts,
  watchReferences,
} from "@leat/controller";
import { type Clusters, createClusters, readAccess } from "@leat/deploy";
import { proxyVariables } from "@leat/http";
import { type Kube, withSharedReads } from "@leat/kube";
import { type BuilderOptions, createBuilder } from "@leat/kustomize";
import { findProgram } from "@leat/process";
import { reportSandboxState } from "@leat/sandbox";
import { Config } from "./config.ts";
import { decryptionOf } from "./decryption/decryption.ts";
import { kustomizationController, watchesOf } from "./kustomization/controller.ts";
import { createPostBuild } from "./kustomization/post-build.ts";
import { kustomizeBinary } from "./kustomize-binary.ts";

export const kustomizeController: Program<Config> = { name: "kustomize-controller", flags: Config, setUp };

async function setUp(setup: Setup<Config>): Promise<Parts> {
  const { config, kube, env, connections, signal } = setup;
  const { featureGates, noCrossNamespaceRefs } = config;
  await using stack = new AsyncDisposableStack();
  const { http } = stack.use(connections.lease());
  const cache = { directory: join(config.workDirectory, "artifacts"), http, timeoutMs: config.httpTimeout };
  const artifacts = stack.use(await createArtifactCache({ ...cache, hosts: sourceHosts(env) }));
  const builder = stack.use(createBuilder(builderOptions(setup)));
  void reportSandboxState("kustomize", builder.sandboxState, setup);
  const applier = stack.use(createApplier(applierOptions(setup, kube, signal)));
  const clouds = stack.use(openClouds(setup));
  const clusters = stack.use(clustersOf(setup, applier, clouds));
  const references = watchReferences(setup, Kustomization, watchesOf(config));
  const lookup = { find: references.find, noCrossNamespaceRefs };
  // What many Kustomizations refer to, they read at the same time: when their source has a new revision.
  const reading = withSharedReads(kube);
  const controller = kustomizationController({
    kube: reading,
    references,
    sources: lookup,
    dependencies: lookup,
    additiveReadiness: featureGates.AdditiveCELDependencyCheck,
    artifacts,
    builder,
    postBuild: createPostBuild({ kube: reading, isStrict: featureGates.StrictPostBuildSubstitutions }),
    clusters,
    healthWaits: createHealthWaits(),
    failsFast: !featureGates.DisableFailFastBehavior,
    defaultServiceAccount: config.defaultServiceAccount,
    ...decryptionOf(setup, clouds),
    requeueDependencyMs: config.requeueDependency,
  });
  const parts = stack.move();
  return { controllers: [controller], [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function clustersOf(setup: Setup<Config>, applier: Applier, { identities }: Clouds): Clusters {
  const { config, kube, enqueue } = setup;
  const access = {
    kube,
    identities,
    permitInsecureTls: config.insecureKubeconfigTls,
    defaultKubeconfigServiceAccount: config.defaultKubeconfigServiceAccount,
    permitOwnToken: config.defaultServiceAccount === "",
  };
  return createClusters({
    own: { kube, applier },
    access: async (asked) => readAccess(access, asked),
    // It ends when it is disposed of.
    applierFor: (remote) => createApplier(applierOptions(setup, remote, new AbortController().signal)),
    userAgent: "leat/kustomize-controller",
    onReachable: (key) => enqueue(Kustomization, key, "retry"),
  });
}

function builderOptions({ config, env }: Setup<Config>): BuilderOptions {
  return {
    kustomize: () => kustomizeBinary(config.kustomizeBinary, env["PATH"]),
    renderer: () => findProgram(config.kustomizeRenderer, env["PATH"]),
    directory: join(config.workDirectory, "builds"),
    noRemoteBases: config.noRemoteBases,
    remoteEnvironment: proxyVariables(env),
  };
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
