import type { KubeObject, Resource } from "@leat/api";
import type { CommonConfig, Setup } from "@leat/controller";
import { ApiError, type Change, startStore } from "@leat/kube";

export const HelmRelease = {
  group: "helm.toolkit.fluxcd.io",
  version: "v2",
  kind: "HelmRelease",
  plural: "helmreleases",
  namespaced: true,
} as const satisfies Resource;

/** HelmReleases that Kustomizations depend on. */
export interface HelmReleases {
  /** The HelmRelease as it is now; from here on its changes are told. */
  find: (namespace: string, name: string) => Promise<KubeObject | undefined>;
  /** To be called where a Kustomization has changed: nobody may be left who depends on a HelmRelease. */
  settle: () => void;
}

/** The watch ends when `signal` aborts. */
export interface HelmReleasesOptions extends Pick<Setup<CommonConfig>, "kube" | "log" | "signal"> {
  /** Those of all namespaces are watched where it is absent. */
  namespace: string | undefined;
  /** Whether anybody depends on a HelmRelease. */
  isNeeded: () => boolean;
  onChange: (change: Change<KubeObject>) => void;
}

/**
 * Watches HelmReleases only as long as somebody asks for them and the API server knows the kind. Where it does not, or may
 * not be watched, those who wait ask again by themselves.
 */
export function createHelmReleases(options: HelmReleasesOptions): HelmReleases {
  const { kube, log, signal, namespace, isNeeded, onChange } = options;
  let watching: AbortController | undefined;
  const stop = (which: AbortController) => {
    which.abort();
    if (watching === which) watching = undefined;
  };
  const watch = () => {
    const ending = new AbortController();
    watching = ending;
    const store = startStore(
      kube,
      { resource: HelmRelease, namespace },
      {
        signal: AbortSignal.any([signal, ending.signal]),
        keep,
        onChange,
        onError: (error) => {
          log.info("watch interrupted", { resource: HelmRelease.plural, err: error });
          if (error instanceof ApiError && (error.code === 403 || error.code === 404)) stop(ending);
        },
      },
    );
    store.done.catch((error: unknown) =>
      log.error("the watch of HelmReleases has ended", { resource: HelmRelease.plural, err: error }),
    );
  };
  return {
    find: async (where, name) => {
      const served = await kube.resourceOf(`${HelmRelease.group}/${HelmRelease.version}`, HelmRelease.kind);
      if (served === undefined) return undefined;
      if (watching === undefined) watch();
      return kube.get({ resource: HelmRelease, namespace: where, name });
    },
    settle: () => {
      if (watching !== undefined && !isNeeded()) stop(watching);
    },
  };
}

/** What tells that it is ready, and at which version. */
function keep({ apiVersion, kind, metadata, status }: KubeObject): KubeObject {
  const { name, namespace = "", generation = 0, resourceVersion = "" } = metadata;
  const { conditions, observedGeneration } = (status ?? {}) as Record<string, unknown>;
  const kept = { name, namespace, generation, resourceVersion };
  return { apiVersion, kind, metadata: kept, status: { conditions, observedGeneration } };
}
