import { core } from "@leat/api";
import type { Kube } from "@leat/kube";
import { eventually } from "@leat/testing";

/** A kind `Widget` of a test's own, whose spec is a map of texts; disposing of it deletes the kind and its objects. */
export interface Widgets extends AsyncDisposable {
  group: string;
  apiVersion: string;
}

export async function defineWidgets(kube: Kube, namespace: string): Promise<Widgets> {
  const group = `${namespace.replaceAll("-", "")}.example.org`;
  const name = `widgets.${group}`;
  const spec = { type: "object", additionalProperties: { type: "string" } };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: core.CustomResourceDefinition.kind,
    metadata: { name },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
  await kube.create(core.CustomResourceDefinition, definition, { fieldManager: "test" });
  const apiVersion = `${group}/v1`;
  await eventually(async () => kube.resourceOf(apiVersion, "Widget"), { what: "the kind to be served" });
  return {
    group,
    apiVersion,
    [Symbol.asyncDispose]: async () => void (await kube.delete({ resource: core.CustomResourceDefinition, name })),
  };
}
