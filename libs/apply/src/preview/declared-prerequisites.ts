import type { KubeObject } from "@leat/api";
import { type DefinedKind, definedKinds } from "../run/await-usable.ts";

/** What an apply brings that other objects of it need, and that need not be there yet. */
export interface Coming {
  namespaces: ReadonlySet<string>;
  kindOf: (object: Pick<KubeObject, "apiVersion" | "kind">) => DefinedKind | undefined;
}

export function comingWith(objects: readonly KubeObject[]): Coming {
  const ofKind = (wanted: string) => objects.filter(({ kind }) => kind === wanted);
  const kinds = ofKind("CustomResourceDefinition").flatMap(({ spec }) => definedKinds(spec));
  return {
    namespaces: new Set(ofKind("Namespace").map(({ metadata }) => metadata.name)),
    kindOf: ({ apiVersion, kind }) => kinds.find((one) => one.apiVersion === apiVersion && one.kind === kind),
  };
}
