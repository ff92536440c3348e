import { join } from "node:path";
import { core, HelmRelease, type KubeObject, Kustomization } from "@leat/api";
import { type Applier, type ApplierOptions, createApplier } from "@leat/apply";
import { createArtifactCache } from "@leat/artifact";
import type { ObjectKey, Parts, Program, Setup } from "@leat/controller";
import { createHttp } from "@leat/http";
import { type Change, type Kube, withSharedReads } from "@leat/kube";
import { type BuilderOptions, createBuilder } from "@leat/kustomize";
import { readKeys } from "@leat/sops";
import { type Clouds, openClouds } from "./clouds.ts";
import { readAccess } from "./clusters/access.ts";
import { type Clusters, createClusters } from "./clusters/clusters.ts";
import { tellConfinement } from "./confinement.ts";
import { cloudEnvironment, Config, kustomizeBinary, programPath, sourceHosts } from "./config.ts";
import { followSources } from "./followed-sources.ts";
import { askers } from "./kustomization/asker.ts";
import { type ControllerWorld, kustomizationController } from "./kustomization/controller.ts";
import type { DependencyLookup } from "./kustomization/dependencies.ts";
import { type Dependents, wakeDependents } from "./kustomization/dependents.ts";
import { createHealthWaits } from "./kustomization/health-waits.ts";
import { createPostBuild } from "./kustomization/post-build.ts";
import { createReferences, type References } from "./kustomization/references.ts";
import { vaultLogin } from "./kustomization/vault-login.ts";
import { type Find, watchedNamespace, watchLate } from "./watched.ts";

export const kustomizeController: Program<Config> = { name: "kustomize-controller", flags: Config, setUp };

async function setUp(setup: Setup<Config>): Promise<Parts> {
  const { config, kube, signal } = setup;
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
  const clouds = stack.use(openClouds(setup));
  const clusters = stack.use(clustersOf(setup, applier, clouds));
  if (!config.featureGates.DisableConfigWatchers) followConfigs(setup, references);
  // What many Kustomizations refer to, they read at the same time: when their source has a new revision.
  const reading = withSharedReads(kube);
  const controller = kustomizationController({
    kube: reading,
    sources: { find: followSources(setup, references), noCrossNamespaceRefs: config.noCrossNamespaceRefs },
    additiveReadiness: config.featureGates.AdditiveCELDependencyCheck,
    artifacts,
    builder,
    postBuild: createPostBuild({ kube: reading, isStrict: config.featureGates.StrictPostBuildSubstitutions }),
    clusters,
    healthWaits: createHealthWaits(),
    failsFast: !config.featureGates.DisableFailFastBehavior,
    defaultServiceAccount: config.defaultServiceAccount,
    sopsAgeSecret: sopsAgeSecret(config),
    ...decrypting(setup, clouds),
    requeueDependencyMs: config.requeueDependency,
    references,
    ...followDependencies(setup, references),
  });
  const parts = stack.move();
  return { controllers: [controller], [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function sopsAgeSecret({ sopsAgeSecret: named, runtimeNamespace }: Config): ObjectKey | undefined {
  const [name, namespace = runtimeNamespace] = named?.split("/").toReversed() ?? [];
  return name === undefined ? undefined : { namespace, name };
}

type Decrypting = Pick<ControllerWorld, "permitsAccounts" | "askerFor" | "readKeys">;

/** Where tenants have to act as themselves, the controller asks for the objects alone that lie beside it. */
function decrypting({ config, kube }: Setup<Config>, { identities, http }: Clouds): Decrypting {
  const { sopsVaultConfigmap: name, runtimeNamespace: namespace } = config;
  const env = cloudEnvironment();
  const addresses = { aws: env["AWS_ENDPOINT_URL_KMS"] || env["AWS_ENDPOINT_URL"] || undefined };
  return {
    permitsAccounts: config.featureGates.ObjectLevelWorkloadIdentity,
    askerFor: askers({
      identities,
      defaultAccount: config.defaultDecryptionServiceAccount,
      permitsOwn: (of) => config.defaultServiceAccount === "" || of === namespace,
      vaultLogin: name === "" ? undefined : vaultLogin({ kube, http, configMap: { namespace, name } }),
      ownVaultToken: env["VAULT_TOKEN"] || undefined,
    }),
    readKeys: (entries, asker) => readKeys(entries, { http, addresses, env }, asker),
  };
}

function clustersOf(setup: Setup<Config>, applier: Applier, { identities }: Clouds): Clusters {
  const { config, kube, enqueue } = setup;
  const accessOptions = {
    kube,
    identities,
    permitInsecureTls: config.insecureKubeconfigTls,
    defaultKubeconfigServiceAccount: config.defaultKubeconfigServiceAccount,
    permitOwnToken: config.defaultServiceAccount === "",
  };
  return createClusters({
    own: { kube, applier },
    access: async (asked) => readAccess(accessOptions, asked),
    // It ends when it is disposed of.
    applierFor: (remote) => createApplier(applierOptions(setup, remote, new AbortController().signal)),
    wake: (key) => enqueue(Kustomization, key, "retry"),
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

/**
 * ConfigMaps and Secrets with the label are watched, their metadata alone: a change concerns everyone who reads them. Others
 * are read when they are needed.
 */
function followConfigs({ config, watch, enqueue }: Setup<Config>, references: References): void {
  const namespace = watchedNamespace(config);
  const labelSelector = config.watchConfigsLabelSelector;
  for (const resource of [core.ConfigMap, core.Secret]) {
    watch({ resource, namespace, labelSelector, metadataOnly: true }, ({ before, after }) => {
      const { namespace: where = "", name = "" } = (after ?? before)?.metadata ?? {};
      for (const referrer of references.to(resource.kind, { namespace: where, name })) {
        enqueue(Kustomization, referrer, "config");
      }
    });
  }
}

type Following = Pick<ControllerWorld, "dependencies" | "wakeDependents">;

function followDependencies(setup: Setup<Config>, references: References): Following {
  const { config, objects, enqueue } = setup;
  const own = objects(Kustomization);
  const dependents: Dependents = {
    references,
    find: ({ namespace, name }) => own.get(namespace, name),
    wake: (key) => enqueue(Kustomization, key, "dependency"),
  };
  const onChange = (change: Change<KubeObject>) => wakeDependents(change, dependents);
  const findHelmRelease = watchLate(setup, HelmRelease, onChange);
  const findKustomization = lookUpKustomizations(setup);
  const find: DependencyLookup["find"] = (kind, namespace, name) =>
    kind === HelmRelease.kind ? findHelmRelease(namespace, name) : findKustomization(namespace, name);
  return { dependencies: { find, noCrossNamespaceRefs: config.noCrossNamespaceRefs }, wakeDependents: onChange };
}

/** Those of other shards and namespaces are not watched: those are read. */
function lookUpKustomizations({ config, kube, objects }: Setup<Config>): Find {
  const own = objects(Kustomization);
  const seesAll = config.watchAllNamespaces && config.watchLabelSelector === undefined;
  return async (namespace, name) =>
    own.get(namespace, name) ?? (seesAll ? undefined : kube.get({ resource: Kustomization, namespace, name }));
}
