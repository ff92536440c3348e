import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { read } from "../test/fixture.ts";

suite("credentials that are none are rejected, and not shown", () => {
  const rows: Array<[entries: Record<string, string>, message: RegExp]> = [
    [{ "sops.aws-kms": "aws_access_key_id: hidden" }, /^sops\.aws-kms has no aws_secret_access_key$/],
    [{ "sops.aws-kms": "hidden" }, /^sops\.aws-kms must contain credentials as YAML or JSON$/],
    [{ "sops.azure-kv": "clientId: hidden" }, /^sops\.azure-kv requires tenantId, clientId and clientSecret or/],
    [{ "sops.gcp-kms": "{hidden" }, /^sops\.gcp-kms must contain credentials/],
    [
      { "sops.gcp-kms": '{"type": "service_account", "private_key": "hidden"}' },
      /^sops\.gcp-kms has a private key that is not PEM$/,
    ],
    [{ "sops.vault-token": "hidden hidden" }, /^sops\.vault-token must contain a Vault token$/],
  ];
  for (const [entries, message] of rows) {
    test(JSON.stringify(entries), async () => {
      const answer = await read(entries);
      assert(answer.kind === "rejected");
      assert.match(answer.message, message);
      assert.doesNotMatch(answer.message, /hidden/);
    });
  }
});
