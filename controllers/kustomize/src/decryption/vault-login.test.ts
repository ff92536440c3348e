import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createHttp } from "@leat/http";
import type { Kube } from "@leat/kube";
import { clusterWith, rejection } from "../kustomization/fixtures/configs.ts";
import { vaultLogin } from "./vault-login.ts";

const address = "https://vault.example.org";
const trusted = "ConfigMap/flux-system/vaults";
const listing = (loginPath: string) => JSON.stringify({ instances: [{ address, loginPath }] });

/** Why no token of a trusted instance was asked for. */
async function whyNot(kube: Pick<Kube, "get">): Promise<{ reason: string; message: string }> {
  await using http = createHttp();
  const kubernetes = async () => assert.fail("a token was made");
  const login = vaultLogin({ kube, http, configMap: { namespace: "flux-system", name: "vaults" } });
  const failure = await login({ kubernetes })(address, AbortSignal.timeout(60_000)).catch((error: unknown) => error);
  return failure as { reason: string; message: string };
}

suite("nobody logs in at Vault", () => {
  const rows: Array<[about: string, kube: Pick<Kube, "get">, message: string]> = [
    ["where the list of instances is missing", clusterWith({}), `${trusted} of --sops-vault-configmap does not exist`],
    [
      "where it may not be read",
      clusterWith({}, [trusted]),
      `${trusted} of --sops-vault-configmap cannot be read: ${rejection("configmaps", "vaults")}`,
    ],
    ["where it has another key", clusterWith({ [trusted]: { other: "" } }), `${trusted} has no key config.yaml`],
    [
      "where it lists other instances",
      clusterWith({ [trusted]: { "config.yaml": "instances: [{address: https://other, loginPath: auth}]" } }),
      `${trusted} has no loginPath for an instance of this address`,
    ],
    [
      "where the path leaves the API",
      clusterWith({ [trusted]: { "config.yaml": listing("auth/../../sys") } }),
      `${trusted} has no loginPath for an instance of this address`,
    ],
  ];
  for (const [about, kube, message] of rows) {
    test(about, async () => {
      const failure = await whyNot(kube);
      assert.deepEqual([failure.reason, failure.message], ["AuthenticationFailed", message]);
    });
  }
});
