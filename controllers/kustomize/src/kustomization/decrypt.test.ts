import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { nobody } from "@leat/identity";
import type { KeysRead } from "@leat/sops";
import type { Attempt } from "./attempt.ts";
import { decryptionOf } from "./decrypt.ts";
import { kustomization } from "./fixtures/kustomization.ts";

const inBase64 = (text: string) => Buffer.from(text).toString("base64");

/** A world with these Secrets, by namespace and name, that tells which entries were read as keys. */
function attemptOn(
  spec: object,
  secrets: Record<string, string[]>,
  answer: KeysRead = { kind: "read", keys: { digest: "d", openers: new Map() } },
) {
  const read: string[][] = [];
  const attempt = {
    object: kustomization(spec),
    run: { signal: AbortSignal.timeout(60_000) },
    sopsAgeSecret: { namespace: "flux-system", name: "all" },
    kube: {
      get: async ({ namespace, name }: { namespace: string; name: string }) => {
        const entries = secrets[`${namespace}/${name}`];
        return entries && { data: Object.fromEntries(entries.map((entry) => [entry, inBase64(entry)])) };
      },
    },
    askerFor: async () => ({ identity: nobody("nobody may") }),
    readKeys: async (entries: ReadonlyMap<string, Buffer>) => {
      read.push([...entries].map(([name, content]) => `${name}=${content.toString()}`));
      return answer;
    },
  };
  return { read, attempt: attempt as unknown as Attempt };
}

const own = { decryption: { provider: "sops", secretRef: { name: "keys" } } };
const anyones = { decryption: { provider: "sops" } };

suite("keys come", () => {
  test("from nowhere without spec.decryption", async () => {
    const { attempt, read } = attemptOn({}, { "flux-system/all": ["a.agekey"] });
    assert.deepEqual(await decryptionOf(attempt), { kind: "read" });
    assert.deepEqual(read, []);
  });

  test("from the Secret that is named, all of them", async () => {
    const secrets = { "team/keys": ["a.agekey", "sops.aws-kms"], "flux-system/all": ["b.agekey"] };
    const { attempt, read } = attemptOn(own, secrets);
    const answer = await decryptionOf(attempt);
    assert(answer.kind === "read");
    assert.equal(answer.decryption?.key, "d");
    assert.deepEqual(read, [["a.agekey=a.agekey", "sops.aws-kms=sops.aws-kms"]]);
  });

  test("from that of the controller where none is named, and only those of age", async () => {
    const { attempt, read } = attemptOn(anyones, { "flux-system/all": ["a.agekey", "b.asc", "sops.aws-kms"] });
    assert.equal((await decryptionOf(attempt)).kind, "read");
    assert.deepEqual(read, [["a.agekey=a.agekey"]]);
  });

  const refusals: Array<[what: string, spec: object, message: RegExp]> = [
    [
      "named, and missing",
      own,
      /^Secret team\/keys .* does not exist: create it, or correct spec\.decryption\.secretRef$/,
    ],
    [
      "of the controller, and missing",
      anyones,
      /^Secret flux-system\/all .* name keys with spec\.decryption\.secretRef$/,
    ],
  ];
  for (const [what, spec, message] of refusals) {
    test(`from none that is ${what}`, async () => {
      const answer = await decryptionOf(attemptOn(spec, {}).attempt);
      assert(answer.kind === "refused");
      assert.match(answer.message, message);
    });
  }

  test("from none whose entries are no keys", async () => {
    const refusal = { kind: "refused", message: "a.agekey is no key" } as const;
    const { attempt } = attemptOn(own, { "team/keys": ["a.agekey"] }, refusal);
    assert.deepEqual(await decryptionOf(attempt), { kind: "refused", message: "Secret team/keys: a.agekey is no key" });
  });
});

test("an object that is still encrypted when it is built is refused, unless it says that it is to stay so", async () => {
  const answer = await decryptionOf(attemptOn(own, { "team/keys": [] }).attempt);
  assert(answer.kind === "read" && answer.decryption);
  const { object: open } = answer.decryption;
  const signal = AbortSignal.timeout(60_000);
  const encrypted = (annotations: object): KubeObject =>
    ({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", annotations }, sops: { mac: "ENC[]" } }) as never;
  const opened = await open(encrypted({}), signal);
  assert(opened?.kind === "refused");
  assert.match(opened.message, /^Secret s is encrypted and comes from a remote base or out of a List/);
  assert.equal(open(encrypted({ "kustomize.toolkit.fluxcd.io/decrypt": "Disabled" }), signal), undefined);
});
