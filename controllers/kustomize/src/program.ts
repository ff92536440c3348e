import { join } from "node:path";
import { type Artifact, GitRepository, type KubeObject, Kustomization } from "@leat/api";
import { createApplier } from "@leat/apply";
import { createArtifactCache } from "@leat/artifact";
import type { ObjectKey, Parts, Program, Setup } from "@leat/controller";
import { createHttp } from "@leat/http";
import type { Change } from "@leat/kube";
import { type BuilderOptions, createBuilder } from "@leat/kustomize";
import { readKeys } from "@leat/sops";
import { tellConfinement } from "./confinement.ts";
import { Config, kustomizeBinary, programPath, sourceHosts } from "./config.ts";
import { configKinds } from "./kustomization/configs.ts";
import { type ControllerWorld, kustomizationController } from "./kustomization/controller.ts";
import type { DependencyLookup } from "./kustomization/dependencies.ts";
import { type Dependents, wakeDependents } from "./kustomization/dependents.ts";
import { createHealthWaits } from "./kustomization/health-waits.ts";
import { createHelmReleases, HelmRelease, type HelmReleases } from "./kustomization/helm-releases.ts";
import { createPostBuild } from "./kustomization/post-build.ts";
import { createReferences, type References } from "./kustomization/references.ts";
import type { SourceLookup } from "./kustomization/source.ts";

export const kustomizeController: Program<Config> = { name: "kustomize-controller", flags: Config, setUp };

async function setUp(setup: Setup<Config>): Promise<Parts> {
  const { config, kube } = setup;
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
  const applier = stack.use(createApplier(applierOptions(setup)));
  if (!config.featureGates.DisableConfigWatchers) followConfigs(setup, references);
  const controller = kustomizationController({
    kube,
    sources: { find: followSources(setup, references), noCrossNamespaceRefs: config.noCrossNamespaceRefs },
    additiveReadiness: config.featureGates.AdditiveCELDependencyCheck,
    artifacts,
    builder,
    postBuild: createPostBuild({ kube, isStrict: config.featureGates.StrictPostBuildSubstitutions }),
    applier,
    healthWaits: createHealthWaits(),
    defaultServiceAccount: config.defaultServiceAccount,
    sopsAgeSecret: sopsAgeSecret(config),
    readKeys: (entries) => readKeys(entries, { http }),
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

function builderOptions(config: Config): BuilderOptions {
  return {
    kustomize: () => kustomizeBinary(config.kustomizeBinary),
    renderer: () => programPath(config.kustomizeRenderer),
    directory: join(config.workDirectory, "builds"),
    noRemoteBases: config.noRemoteBases,
  };
}

function applierOptions({ config, kube, log, signal, wake }: Setup<Config>): Parameters<typeof createApplier>[0] {
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

type Find = SourceLookup["find"];

/** `undefined` for all of them. */
function watchedNamespace({ watchAllNamespaces, runtimeNamespace }: Config): string | undefined {
  return watchAllNamespaces ? undefined : runtimeNamespace;
}

/** Sources are watched where the Kustomizations are; those of other namespaces are read. */
function followSources(setup: Setup<Config>, references: References): Find {
  const { config, follow, kube } = setup;
  const namespace = watchedNamespace(config);
  const seen = follow({ resource: GitRepository, namespace }, (change) => wakeReferrers(setup, references, change));
  return async (where, name) =>
    namespace === undefined || namespace === where
      ? seen.get(where, name)
      : kube.get({ resource: GitRepository, namespace: where, name });
}

/**
 * ConfigMaps and Secrets with the label are watched, their metadata alone: a change concerns everyone who reads them. Others
 * are read when they are needed.
 */
function followConfigs({ config, follow, wake }: Setup<Config>, references: References): void {
  const namespace = watchedNamespace(config);
  const labelSelector = config.watchConfigsLabelSelector;
  for (const resource of Object.values(configKinds)) {
    follow({ resource, namespace, labelSelector, metadataOnly: true }, ({ before, after }) => {
      const { namespace: where = "", name = "" } = (after ?? before)?.metadata ?? {};
      for (const referrer of references.to(resource.kind, { namespace: where, name })) {
        wake(Kustomization, referrer, "config");
      }
    });
  }
}

/** A new artifact concerns everyone who uses the source. */
function wakeReferrers({ wake }: Setup<Config>, references: References, { before, after }: Change<KubeObject>): void {
  const object = after ?? before;
  if (!object || artifactOf(before) === artifactOf(after)) return;
  const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
  for (const referrer of references.to(GitRepository.kind, key)) wake(Kustomization, referrer, "source");
}

/** An artifact that was lost and made again differs in its time alone. */
function artifactOf(object: KubeObject | undefined): string | undefined {
  const { artifact } = (object?.["status"] ?? {}) as { artifact?: Artifact };
  return artifact && `${artifact.revision} ${artifact.digest} ${artifact.lastUpdateTime}`;
}

type Following = Pick<ControllerWorld, "dependencies" | "helmReleases" | "wakeDependents">;

function followDependencies(setup: Setup<Config>, references: References): Following {
  const { config, objects, wake } = setup;
  const own = objects(Kustomization);
  const dependents: Dependents = {
    references,
    find: ({ namespace, name }) => own.get(namespace, name),
    wake: (key) => wake(Kustomization, key, "dependency"),
  };
  const helmReleases = createHelmReleases({
    ...setup,
    namespace: watchedNamespace(config),
    isNeeded: () => references.haveAnyTo(HelmRelease.kind),
    onChange: (change) => wakeDependents(change, dependents),
  });
  return {
    dependencies: dependencyLookup(setup, helmReleases),
    helmReleases,
    wakeDependents: (change) => wakeDependents(change, dependents),
  };
}

/** Dependencies of other shards and namespaces are not watched: those are read. */
function dependencyLookup({ config, kube, objects }: Setup<Config>, helmReleases: HelmReleases): DependencyLookup {
  const own = objects(Kustomization);
  const seesAll = config.watchAllNamespaces && config.watchLabelSelector === undefined;
  return {
    find: async (kind, namespace, name) => {
      if (kind === HelmRelease.kind) return helmReleases.find(namespace, name);
      return own.get(namespace, name) ?? (seesAll ? undefined : kube.get({ resource: Kustomization, namespace, name }));
    },
  };
}
