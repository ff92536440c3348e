import { type KubeObject, Kustomization } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import type { Change } from "@leat/kube";

/** Who refers to what: which Kustomizations a change of a source or of a dependency concerns. */
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

  return {
    changed: ({ before, after }) => {
      if (before && after && before.metadata.generation === after.metadata.generation) return;
      if (before) each(before, (target, referrer) => referrers.get(target)?.delete(textOf(referrer)));
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
  const { sourceRef, dependsOn = [], kubeConfig } = object["spec"] as Kustomization["spec"];
  const own = object.metadata.namespace ?? "";
  const source = `${sourceRef.kind}/${sourceRef.namespace ?? own}/${sourceRef.name}`;
  return [
    source,
    ...dependsOn.map(({ namespace = own, name }) => `${Kustomization.kind}/${namespace}/${name}`),
    ...clusterConfigsOf(kubeConfig).map(({ kind, name }) => `${kind}/${own}/${name}`),
  ];
}

/** What says how to reach another cluster, in the namespace of the Kustomization. */
function clusterConfigsOf(kubeConfig: Kustomization["spec"]["kubeConfig"]): Array<{ kind: string; name: string }> {
  const { secretRef, configMapRef } = kubeConfig ?? {};
  return [
    ...(secretRef ? [{ kind: "Secret", name: secretRef.name }] : []),
    ...(configMapRef ? [{ kind: "ConfigMap", name: configMapRef.name }] : []),
  ];
}

function textOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
