import type { KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import { type Declared, stageObjects } from "../objects/declared.ts";
import { type Owner, ownerLabels } from "../objects/owner.ts";
import { Rejection, unknownKind } from "../objects/rejection.ts";
import { resourceOfDeclared } from "../objects/resource-of.ts";
import { render } from "../objects/render.ts";
import { comingWith } from "./declared-prerequisites.ts";

export interface ManifestsRequest {
  owner: Owner;
  /** API group of the owner's kind. */
  ownerGroup: string;
  objects: readonly Declared[];
  /** Which objects are encrypted, and stay as they are. */
  isEncrypted: (object: KubeObject) => boolean;
  /** Tells which kinds have namespaces; without it, an object has one where it names one. */
  kube?: Kube | undefined;
}

export type Manifests =
  /** In the order of applying. */
  | { kind: "manifests"; manifests: Declared[] }
  /** Names the object, its file and what to change. */
  | { kind: "rejected"; message: string };

/** The objects as an apply sends them; nothing is sent. */
export async function manifestsOf(request: ManifestsRequest, signal: AbortSignal): Promise<Manifests> {
  const { owner, ownerGroup, objects, isEncrypted, kube } = request;
  const labels = ownerLabels(ownerGroup, owner);
  const coming = comingWith(objects.map(({ object }) => object));
  const servedAs = async (declared: Declared) => kube && resourceOfDeclared({ kube, signal }, declared);
  try {
    const manifests: Declared[] = [];
    for (const declared of stageObjects(objects, new Set()).flatMap((stage) => stage.objects)) {
      const { object } = declared;
      const known = (await servedAs(declared)) ?? coming.kindOf(object);
      if (known === undefined && kube !== undefined) throw unknownKind(declared);
      const kind = known ?? { namespaced: object.metadata.namespace !== undefined };
      manifests.push(isEncrypted(object) ? declared : { ...declared, object: render(declared, kind, labels) });
    }
    return { kind: "manifests", manifests };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { kind: "rejected", message: error.message };
  }
}
