/** Kustomization: spec.decryption, manifests and files that are encrypted with SOPS. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, declare, deploy, push, rerun, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, secret } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";
import { type AgeKey, ageKey, encrypted, encryptedBy } from "../../harness/sops.ts";
import { startTransitEngine } from "../../harness/vault.ts";

let harness: Harness;
let key: AgeKey;
before(async () => {
  harness = await sharedHarness();
  key = await ageKey();
});
after(() => harness[Symbol.asyncDispose]());

const spec = "  path: ./app\n  prune: true\n  decryption:\n    provider: sops\n    secretRef: {name: keys}";
const dataOnly = ["--encrypted-regex", "^(data|stringData)$"];
const password = "correct-horse";

/** A Secret in the scenario's namespace. */
const plainSecret = (scenario: Scenario, name = "credentials") =>
  secret(name, { password })
    .replace("---\n", "")
    .replace(`name: ${name}`, `name: ${name}, namespace: ${scenario.namespace}`);

/** A scenario that holds the keys. */
async function start(name: string, identities = [key.identity]): Promise<Scenario> {
  const scenario = await startScenario(harness, `decrypt-${name}`);
  await scenario.apply(secret("keys", { "a.agekey": identities.join("\n") }));
  return scenario;
}

async function valueOf(scenario: Scenario, subject: string, entry: string): Promise<string | undefined> {
  const value = dataOf(await scenario.get(subject))?.[entry];
  return value && Buffer.from(value, "base64").toString();
}

/** A kind that holds whatever it is given, in a group of the scenario's own. */
function encryptedDefinition(group: string): string {
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }];
  const names = { kind: "Encrypted", plural: "encrypteds", singular: "encrypted", listKind: "EncryptedList" };
  return JSON.stringify({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `encrypteds.${group}` },
    spec: { group, scope: "Namespaced", names, versions },
  });
}

async function failureOf({ untilCondition }: Scenario, reason: string): Promise<string> {
  const failed = await untilCondition("Kustomization/app", { type: "Ready", status: "False", reason });
  return conditionOf(failed, "Ready")?.message ?? "";
}

suite("encrypted manifests", { concurrency: 4 }, () => {
  test("are applied decrypted, whatever the build adds to them", async () => {
    await using scenario = await start("secret");
    await deploy(
      scenario,
      {
        "app/kustomization.yaml": "namePrefix: my-\ncommonAnnotations: {a: b}\nresources: [secret.yaml, plain.yaml]\n",
        "app/plain.yaml": configMap("plain"),
        "app/secret.yaml": await encrypted(key, "secret.yaml", plainSecret(scenario), dataOnly),
      },
      spec,
    );
    assert.equal(await valueOf(scenario, "Secret/my-credentials", "password"), password);
    assert.equal((await scenario.get("Secret/my-credentials"))?.["sops"], undefined);
    assert(await scenario.get("ConfigMap/my-plain"));
  });

  test("of several documents, and without a kustomization, are applied decrypted", async () => {
    await using scenario = await start("documents");
    const both = `${plainSecret(scenario, "one")}---\n${plainSecret(scenario, "two")}`;
    await deploy(scenario, { "app/both.yaml": await encrypted(key, "both.yaml", both, dataOnly) }, spec);
    assert.equal(await valueOf(scenario, "Secret/one", "password"), password);
    assert.equal(await valueOf(scenario, "Secret/two", "password"), password);
  });

  test("are left as they are where they say so", async () => {
    await using scenario = await start("disabled");
    const group = `${scenario.namespace}.example.com`;
    const kept = `apiVersion: ${group}/v1
kind: Encrypted
metadata:
  name: kept
  namespace: ${scenario.namespace}
  annotations: {kustomize.toolkit.fluxcd.io/decrypt: Disabled}
data: {password: ${password}}
`;
    await deploy(
      scenario,
      {
        "app/crd.yaml": encryptedDefinition(group),
        "app/kept.yaml": await encrypted(key, "kept.yaml", kept, dataOnly),
      },
      spec,
    );
    const object = await scenario.get(`${group}/v1:Encrypted/kept`);
    assert.match(dataOf(object)?.["password"] ?? "", /^ENC\[AES256_GCM/);
    assert.match((object?.["sops"] as { mac: string } | undefined)?.mac ?? "", /^ENC\[AES256_GCM/);
  });

  test("are not applied without spec.decryption", async () => {
    await using scenario = await start("none");
    const files = { "app/secret.yaml": await encrypted(key, "secret.yaml", plainSecret(scenario), dataOnly) };
    await declare(scenario, files);
    assert.match(await failureOf(scenario, "ReconciliationFailed"), /encrypted/);
    assert.equal(await scenario.get("Secret/credentials"), undefined);
  });

  testBeyondFlux(
    () => harness,
    "are rejected where they were changed after they were encrypted",
    async () => {
      await using scenario = await start("mac");
      const ciphertext = await encrypted(key, "secret.yaml", plainSecret(scenario), dataOnly);
      await declare(scenario, { "app/secret.yaml": ciphertext.replaceAll("credentials", "elsewhere") }, spec);
      assert.match(await failureOf(scenario, "BuildFailed"), /^app\/secret\.yaml was changed after encryption/);
      assert.equal(await scenario.get("Secret/elsewhere"), undefined);
    },
  );
});

testBeyondFlux(
  () => harness,
  "a decrypted value that the API server repeats in its rejection is hidden",
  async () => {
    await using scenario = await start("rejected");
    const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${scenario.namespace}}
spec:
  strategy: {type: ${password}}
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: registry.example/app}]}}
`;
    const ciphertext = await encrypted(key, "web.yaml", web, ["--encrypted-regex", "^type$"]);
    await declare(scenario, { "app/web.yaml": ciphertext }, spec);
    const message = await failureOf(scenario, "ReconciliationFailed");
    assert.match(message, /Unsupported value: .*\*\*\*/);
    assert.ok(!message.includes(password), message);
  },
);

suite("encrypted files of a kustomization", { concurrency: 4 }, () => {
  test("are decrypted for the Secret that they make, each in the format of its name", async () => {
    await using scenario = await start("files");
    const kustomization = `secretGenerator:
- name: files
  namespace: ${scenario.namespace}
  files: [config.json, password.txt=password.enc, .dockerconfigjson=docker.enc]
- name: lines
  namespace: ${scenario.namespace}
  envs: [app.env]
generatorOptions: {disableNameSuffixHash: true}
`;
    await deploy(
      scenario,
      {
        "app/kustomization.yaml": kustomization,
        "app/config.json": await encrypted(key, "config.json", '{"password": "correct-horse"}'),
        "app/password.enc": await encrypted(key, "password.enc", password),
        "app/docker.enc": await encrypted(key, "docker.json", '{"auths": {}}'),
        "app/app.env": await encrypted(key, "app.env", `PASSWORD=${password}\nUSER=u\n`),
      },
      spec,
    );
    const files = await Promise.all(
      ["config.json", "password.txt", ".dockerconfigjson"].map((entry) => valueOf(scenario, "Secret/files", entry)),
    );
    assert.deepEqual(JSON.parse(files[0] ?? ""), { password });
    assert.equal(files[1], password);
    assert.deepEqual(JSON.parse(files[2] ?? ""), { auths: {} });
    assert.equal(await valueOf(scenario, "Secret/lines", "PASSWORD"), password);
    assert.equal(await valueOf(scenario, "Secret/lines", "USER"), "u");
  });

  test("may be patches", async () => {
    await using scenario = await start("patch");
    const patch = plainSecret(scenario).replace(/^data:[^]*/m, `stringData:\n  more: ${password}\n`);
    await deploy(
      scenario,
      {
        "app/kustomization.yaml": "resources: [secret.yaml]\npatches:\n- path: patch.yaml\n",
        "app/secret.yaml": plainSecret(scenario),
        "app/patch.yaml": await encrypted(key, "patch.yaml", patch, dataOnly),
      },
      spec,
    );
    assert.equal(await valueOf(scenario, "Secret/credentials", "more"), password);
  });

  test("may stand in the data of a Secret", async () => {
    await using scenario = await start("data");
    const ciphertext = await encrypted(key, "config.yaml", `password: ${password}\n`);
    const manifest = secret("credentials", { "config.yaml": ciphertext, plain: "as it is" }).replace("---\n", "");
    await deploy(
      scenario,
      { "app/secret.yaml": manifest.replace("{name:", `{namespace: ${scenario.namespace}, name:`) },
      spec,
    );
    assert.match(
      (await valueOf(scenario, "Secret/credentials", "config.yaml")) ?? "",
      /^password: "?correct-horse"?\n$/,
    );
    assert.equal(await valueOf(scenario, "Secret/credentials", "plain"), "as it is");
  });

  testBeyondFlux(
    () => harness,
    "are never decrypted into a ConfigMap",
    async () => {
      await using scenario = await start("configmap");
      const generator = `- {name: files, namespace: ${scenario.namespace}, files: [password.enc]}\n`;
      const files = {
        "app/kustomization.yaml": `configMapGenerator:\n${generator}secretGenerator:\n${generator}`,
        "app/password.enc": await encrypted(key, "password.enc", password),
      };
      await declare(scenario, files, spec);
      assert.match(
        await failureOf(scenario, "BuildFailed"),
        /^app\/password\.enc is encrypted, but also used by .* configMapGenerator/,
      );
    },
  );
});

suite("keys", { concurrency: 4 }, () => {
  test("that do not suffice make the failure name those that would, and are taken when they come", async () => {
    const other = await ageKey();
    await using scenario = await start("wrong", [other.identity]);
    const files = { "app/secret.yaml": await encrypted(key, "secret.yaml", plainSecret(scenario), dataOnly) };
    const sha = await declare(scenario, files, spec);
    const message = await failureOf(scenario, "BuildFailed");
    assert(message.includes(key.recipient), message);
    assert.doesNotMatch(message, /AGE-SECRET-KEY/);

    await scenario.apply(secret("keys", { "a.agekey": other.identity, "b.agekey": key.identity }));
    await scenario.request("Kustomization/app");
    await scenario.untilReady("Kustomization/app", sha);

    assert.equal(await valueOf(scenario, "Secret/credentials", "password"), password);
  });

  test("may be exchanged", async () => {
    const other = await ageKey();
    await using scenario = await start("exchange");
    await deploy(
      scenario,
      { "app/secret.yaml": await encrypted(key, "secret.yaml", plainSecret(scenario), dataOnly) },
      spec,
    );
    await scenario.apply(secret("keys", { "a.agekey": other.identity }));
    await roll(scenario, {
      "app/secret.yaml": await encrypted(other, "secret.yaml", plainSecret(scenario, "second"), dataOnly),
    });
    assert.equal(await valueOf(scenario, "Secret/second", "password"), password);
  });

  test("that are taken away are missed at the next run", async () => {
    await using scenario = await start("gone");
    const files = { "app/secret.yaml": await encrypted(key, "secret.yaml", plainSecret(scenario), dataOnly) };
    await deploy(scenario, files, spec);
    await rerun(scenario);
    await scenario.delete("Secret/keys");
    await push(scenario, { "app/more.yaml": configMap("more") });
    assert.match(await failureOf(scenario, "BuildFailed"), /keys/);
    assert.equal(await valueOf(scenario, "Secret/credentials", "password"), password);
  });

  test("may be at a service, which is asked again where it has rejected", async () => {
    await using vault = await startTransitEngine();
    await using scenario = await start("vault");
    await scenario.apply(secret("keys", { "sops.vault-token": vault.token }));
    const args = ["--hc-vault-transit", vault.keyUrl, ...dataOnly];
    const ciphertext = await encryptedBy(args, "secret.yaml", plainSecret(scenario), { VAULT_TOKEN: vault.token });
    vault.permits.decrypt = false;
    const sha = await declare(scenario, { "app/secret.yaml": ciphertext }, spec);
    const message = await failureOf(scenario, "BuildFailed");
    assert.match(message, /permission denied/);
    assert.doesNotMatch(message, /hidden-token/);

    vault.permits.decrypt = true;
    await scenario.request("Kustomization/app");
    await scenario.untilReady("Kustomization/app", sha);

    assert.equal(await valueOf(scenario, "Secret/credentials", "password"), password);
  });

  test("that are none are named by their entry, and not shown", async () => {
    await using scenario = await start("malformed", ["AGE-SECRET-KEY-1HIDDEN"]);
    await declare(scenario, { "app/plain.yaml": configMap("plain") }, spec);
    const message = await failureOf(scenario, "BuildFailed");
    assert.match(message, /a\.agekey/);
    assert.doesNotMatch(message, /HIDDEN/);
  });
});
