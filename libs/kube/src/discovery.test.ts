import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { eventually } from "@leat/testing";
import { fieldManager, openSetting, type Setting } from "../test/fixture.ts";
import { connect } from "./connect.ts";
import type { RequestInfo } from "./transport.ts";

suite("discovery", () => {
  let setting: Setting;
  before(async () => {
    setting = await openSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const rows: Array<[apiVersion: string, kind: string, path: string | undefined]> = [
    ["v1", "ConfigMap", "configmaps in a namespace"],
    ["v1", "Namespace", "namespaces in no namespace"],
    ["apps/v1", "Deployment", "deployments in a namespace"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles in no namespace"],
    ["networking.k8s.io/v1", "NetworkPolicy", "networkpolicies in a namespace"],
    // Only subresources answer with these kinds.
    ["autoscaling/v1", "Scale", undefined],
    ["policy/v1", "Eviction", undefined],
    ["apps/v1beta1", "Deployment", undefined],
  ];
  for (const [apiVersion, kind, expected] of rows) {
    test(`${apiVersion} ${kind}: ${expected ?? "unknown"}`, async () => {
      const resource = await setting.kube.resourceOf(apiVersion, kind);
      const found = resource && `${resource.plural} in ${resource.namespaced ? "a" : "no"} namespace`;
      assert.equal(found, expected);
    });
  }

  const words: Array<[word: string, resource: string | undefined]> = [
    ["Deployment", "apps/deployments"],
    ["deploy", "apps/deployments"],
    ["deployments.apps", "apps/deployments"],
    ["deployment.v1.apps", "apps/deployments"],
    ["DEPLOYMENTS", "apps/deployments"],
    ["po", "/pods"],
    ["event", "/events"],
    ["events.events.k8s.io", "events.k8s.io/events"],
    ["clusterrole", "rbac.authorization.k8s.io/clusterroles"],
    ["deployments.batch", undefined],
    ["", undefined],
    ["mill", undefined],
  ];
  for (const [word, expected] of words) {
    test(`by the word ${JSON.stringify(word)} a person means ${expected ?? "nothing that is there"}`, async () => {
      const resource = await setting.kube.resourceNamed(word);
      assert.equal(resource && `${resource.group}/${resource.plural}`, expected);
    });
  }

  test("a kind is found as soon as the server serves it", async () => {
    const group = `${setting.namespace}.leat.dev`;
    const ask = () => setting.kube.resourceOf(`${group}/v1`, "Mill");
    assert.equal(await ask(), undefined);
    const crd = mills(group);
    await setting.kube.apply(core.CustomResourceDefinition, crd, { fieldManager });
    const resource = await eventually(ask, { what: "the kind to be known" });
    assert.deepEqual(resource, { group, version: "v1", kind: "Mill", plural: "mills", namespaced: true });
    await setting.kube.delete({ resource: core.CustomResourceDefinition, name: crd.metadata.name });
  });

  test("many who ask at once are one request, and unknown kinds are asked for once a second at most", async () => {
    const requests: RequestInfo[] = [];
    await using kube = await connect({
      kubeconfig: setting.controlPlane.kubeconfig,
      onRequest: (info) => requests.push(info),
    });
    const kinds = ["ConfigMap", "Secret", "Pod", "Nothing", "Nobody"];
    const started = performance.now();
    const found = await Promise.all(kinds.map((kind) => kube.resourceOf("v1", kind)));
    assert.deepEqual(
      found.map((resource) => resource?.plural),
      ["configmaps", "secrets", "pods", undefined, undefined],
    );
    assert.equal(requests.length, 2, "one request for /api and one for /apis");

    await Promise.all(kinds.map((kind) => kube.resourceOf("v1", `${kind}2`)));
    assert.ok(performance.now() - started >= 1_000);
    assert.equal(requests.length, 4);
    // Another test may have changed the other one meanwhile.
    assert.ok(
      requests.slice(2).some(({ code }) => code === 304),
      "what has not changed is not sent again",
    );
  });
});

function mills(group: string) {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const names = { kind: "Mill", plural: "mills", singular: "mill", listKind: "MillList" };
  const versions = [{ name: "v1", served: true, storage: true, schema }];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `mills.${group}` },
    spec: { group, names, scope: "Namespaced", versions },
  };
}
