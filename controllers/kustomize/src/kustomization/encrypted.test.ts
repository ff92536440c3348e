import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { builtObject } from "@leat/kustomize";
import { encryptedAmong } from "./encrypted.ts";

const sops = { mac: "ENC[AES256_GCM]" };
const secret = (fields: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s", namespace: "team", ...metadata },
  ...fields,
});
const disabled = { "kustomize.toolkit.fluxcd.io/decrypt": "Disabled" };

suite("of what was built, encrypted is", () => {
  const rows: Array<[about: string, object: KubeObject, isEncrypted: boolean]> = [
    ["a Secret with the MAC of SOPS", secret({ sops }), true],
    ["no Secret without metadata of SOPS", secret(), false],
    ["no Secret whose metadata of SOPS are empty", secret({ sops: null }), false],
    ["no Secret that asks to stay so by an annotation", secret({ sops }, { annotations: disabled }), false],
    ["a Secret that asks to stay so by a label", secret({ sops }, { labels: disabled }), true],
    ["no other kind, which Flux applies as it is", { ...secret({ sops }), kind: "ConfigMap" }, false],
    ["no kind of another group", { ...secret({ sops }), apiVersion: "example.org/v1" }, false],
  ];
  for (const [about, object, isEncrypted] of rows) {
    test(about, () => {
      const found = encryptedAmong([builtObject(secret()), builtObject(object, { file: "app/s.yaml" })]);
      const message =
        "Secret/team/s (file app/s.yaml): is encrypted with SOPS: set spec.decryption, or decrypt it in the repository";
      assert.equal(found, isEncrypted ? message : undefined);
    });
  }
});
