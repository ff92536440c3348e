import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { deniedIdentity } from "@leat/identity";
import type { KeysRead } from "@leat/sops";
import { decryptionOf } from "./decrypt.ts";
import { clusterWith, rejection } from "./fixtures/configs.ts";
import { kustomization } from "./fixtures/kustomization.ts";

/** A world with these Secrets, by namespace and name, each entry with its name as value, that tells which were read as keys. */
function decrypting(
  spec: object,
  secrets: Record<string, string[]>,
  { answer, forbidden = [] }: { answer?: KeysRead; forbidden?: readonly string[] } = {},
) {
  const read: string[][] = [];
  const configs = Object.entries(secrets).map(([key, entries]) => [
    `Secret/${key}`,
    Object.fromEntries(entries.map((entry) => [entry, entry])),
  ]);
  const world = {
    sopsAgeSecret: { namespace: "flux-system", name: "all" },
    kube: clusterWith(Object.fromEntries(configs) as Record<string, Record<string, string>>, forbidden),
    keyServiceIdentityFor: async () => deniedIdentity("nobody may"),
    readKeys: async (entries: ReadonlyMap<string, Buffer>) => {
      read.push([...entries].map(([name, content]) => `${name}=${content.toString()}`));
      return answer ?? { kind: "read", keys: { digest: "d", decrypters: new Map() } };
    },
  };
  const attempt = { object: kustomization(spec), run: { signal: AbortSignal.timeout(60_000) } };
  return { read, decryption: async () => decryptionOf(world, attempt) };
}

const own = { decryption: { provider: "sops", secretRef: { name: "keys" } } };
const anyones = { decryption: { provider: "sops" } };

suite("keys come", () => {
  test("from nowhere without spec.decryption", async () => {
    const { decryption, read } = decrypting({}, { "flux-system/all": ["a.agekey"] });
    assert.deepEqual(await decryption(), { kind: "read" });
    assert.deepEqual(read, []);
  });

  test("from the Secret that is named, all of them", async () => {
    const secrets = { "team/keys": ["a.agekey", "sops.aws-kms"], "flux-system/all": ["b.agekey"] };
    const { decryption, read } = decrypting(own, secrets);
    const answer = await decryption();
    assert(answer.kind === "read");
    assert.equal(answer.decryption?.key, "d");
    assert.deepEqual(read, [["a.agekey=a.agekey", "sops.aws-kms=sops.aws-kms"]]);
  });

  test("from that of the controller where none is named, and only those of age", async () => {
    const { decryption, read } = decrypting(anyones, { "flux-system/all": ["a.agekey", "b.asc", "sops.aws-kms"] });
    assert.equal((await decryption()).kind, "read");
    assert.deepEqual(read, [["a.agekey=a.agekey"]]);
  });

  const rejections: Array<[what: string, spec: object, forbidden: string[], message: string]> = [
    [
      "named, and missing",
      own,
      [],
      "Secret/team/keys of spec.decryption.secretRef does not exist: create it, or correct spec.decryption.secretRef",
    ],
    [
      "named, and may not be read",
      own,
      ["Secret/team/keys"],
      `Secret/team/keys of spec.decryption.secretRef cannot be read: ${rejection("secrets", "keys")}`,
    ],
    [
      "of the controller, and missing",
      anyones,
      [],
      "Secret/flux-system/all of --sops-age-secret does not exist: create it, or correct spec.decryption.secretRef",
    ],
    [
      "of the controller, and may not be read",
      anyones,
      ["Secret/flux-system/all"],
      `Secret/flux-system/all of --sops-age-secret cannot be read: ${rejection("secrets", "all")}`,
    ],
  ];
  for (const [what, spec, forbidden, message] of rejections) {
    test(`from none that is ${what}`, async () => {
      const answer = await decrypting(spec, {}, { forbidden }).decryption();
      assert.deepEqual(answer, { kind: "rejected", message });
    });
  }

  test("from none whose entries are no keys", async () => {
    const answer = { kind: "rejected", message: "a.agekey is no key" } as const;
    const { decryption } = decrypting(own, { "team/keys": ["a.agekey"] }, { answer });
    assert.deepEqual(await decryption(), { kind: "rejected", message: "Secret/team/keys: a.agekey is no key" });
  });
});

test("an object that is still encrypted when it is built is rejected, unless it says that it is to stay so", async () => {
  const answer = await decrypting(own, { "team/keys": [] }).decryption();
  assert(answer.kind === "read" && answer.decryption);
  const { object: open } = answer.decryption;
  const signal = AbortSignal.timeout(60_000);
  const encrypted = (annotations: object): KubeObject =>
    ({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", annotations }, sops: { mac: "ENC[]" } }) as never;
  const opened = await open(encrypted({}), signal);
  assert(opened?.kind === "rejected");
  assert.match(
    opened.message,
    /^Secret s is encrypted, but encrypted objects in remote bases or Lists are not supported/,
  );
  assert.equal(open(encrypted({ "kustomize.toolkit.fluxcd.io/decrypt": "Disabled" }), signal), undefined);
});
