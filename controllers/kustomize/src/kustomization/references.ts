import { type KubeObject, Kustomization } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import type { Change } from "@leat/kube";

/** Who refers to what: which Kustomizations a change of a source, a dependency or a configuration concerns. */
export interface References {
  /** To be called for every change of a Kustomization. */
  changed: (change: Change<KubeObject>) => void;
  /** Kustomizations that refer to the object. */
  to: (kind: string, key: ObjectKey) => ObjectKey[];
}

export function createReferences(): References {
  const referrers = new Map<string, Map<string, ObjectKey>>();

  function each(object: KubeObject, visit: (target: string, referrer: ObjectKey) => void): void {
    const referrer = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
    for (const target of targetsOf(object)) visit(target, referrer);
  }

  function remove(target: string, referrer: ObjectKey): void {
    const left = referrers.get(target);
    left?.delete(textOf(referrer));
    if (left?.size === 0) referrers.delete(target);
  }

  return {
    changed: ({ before, after }) => {
      if (before && after && before.metadata.generation === after.metadata.generation) return;
      if (before) each(before, remove);
      if (after) {
        each(after, (target, referrer) =>
          referrers.getOrInsertComputed(target, () => new Map()).set(textOf(referrer), referrer),
        );
      }
    },
    to: (kind, key) => [...(referrers.get(`${kind}/${textOf(key)}`)?.values() ?? [])],
  };
}

function targetsOf(object: KubeObject): string[] {
  const spec = object["spec"] as Kustomization["spec"];
  const own = object.metadata.namespace ?? "";
  const { sourceRef, dependsOn = [] } = spec;
  return [
    `${sourceRef.kind}/${sourceRef.namespace ?? own}/${sourceRef.name}`,
    ...dependsOn.map(({ kind = Kustomization.kind, namespace = own, name }) => `${kind}/${namespace}/${name}`),
    ...configsOf(spec).map(({ kind, name }) => `${kind}/${own}/${name}`),
  ];
}

/** The ConfigMaps and Secrets of its own namespace that a Kustomization reads. */
function configsOf({
  postBuild,
  decryption,
  kubeConfig,
}: Kustomization["spec"]): Array<{ kind: string; name: string }> {
  const secrets = [decryption?.secretRef, kubeConfig?.secretRef].map(
    (ref) => ref && { kind: "Secret", name: ref.name },
  );
  const cluster = kubeConfig?.configMapRef && { kind: "ConfigMap", name: kubeConfig.configMapRef.name };
  return [...(postBuild?.substituteFrom ?? []), ...[...secrets, cluster].filter((config) => config !== undefined)];
}

function textOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
