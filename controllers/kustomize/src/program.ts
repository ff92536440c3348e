import { join } from "node:path";
import { Kustomization } from "@leat/api";
import { createHealthWaits } from "@leat/apply";
import { createArtifactCache } from "@leat/artifact";
import { openClouds, type Parts, type Program, type Setup, sourceHosts, watchReferences } from "@leat/controller";
import { createAddressGuard, createHttp, proxiesOf, proxyVariables } from "@leat/http";
import { withSharedReads } from "@leat/kube";
import { type BuilderOptions, createBuilder } from "@leat/kustomize";
import { findProgram } from "@leat/process";
import { reportSandboxState } from "@leat/sandbox";
import { openClusters } from "./clusters.ts";
import { Config } from "./config.ts";
import { decryptionOf } from "./decryption/decryption.ts";
import { kustomizationController, watchesOf } from "./kustomization/controller.ts";
import { createPostBuild } from "./kustomization/post-build.ts";
import { createSiblings, type Siblings } from "./kustomization/siblings.ts";
import { kustomizeBinary } from "./kustomize-binary.ts";

export const kustomizeController: Program<Config> = { name: "kustomize-controller", flags: Config, setUp };

async function setUp(setup: Setup<Config>): Promise<Parts> {
  const { config, kube, env } = setup;
  const { featureGates, noCrossNamespaceRefs } = config;
  await using stack = new AsyncDisposableStack();
  const http = stack.use(createHttp({ proxies: proxiesOf(env), guard: createAddressGuard(config.deniedNetworks) }));
  const cache = { directory: join(config.workDirectory, "artifacts"), http, timeoutMs: config.httpTimeout };
  const artifacts = stack.use(await createArtifactCache({ ...cache, hosts: sourceHosts(env) }));
  const builder = stack.use(createBuilder(builderOptions(setup)));
  void reportSandboxState("kustomize", builder.sandboxState, setup);
  const clouds = stack.use(openClouds(setup));
  const clusters = stack.use(openClusters(setup, clouds));
  const references = watchReferences(setup, Kustomization, watchesOf(config, artifacts));
  const lookup = { find: references.find, kube, noCrossNamespaceRefs };
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
    siblings: stack.use(siblingsOf(setup)),
    failsFast: !featureGates.DisableFailFastBehavior,
    defaultServiceAccount: config.defaultServiceAccount,
    ...decryptionOf(setup, clouds),
    requeueDependencyMs: config.requeueDependency,
  });
  const parts = stack.move();
  return { controllers: [controller], [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function siblingsOf({ objects, enqueue }: Setup<Config>): Siblings {
  const own = objects(Kustomization);
  return createSiblings({
    // The API server has validated them, and set the defaults.
    list: () => own.list() as Iterable<Kustomization>,
    trigger: (key) => enqueue(Kustomization, key, "dependency"),
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
