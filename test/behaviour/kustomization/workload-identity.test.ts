/** Kustomization: workload identity of AWS, Azure, GCP and Vault, for spec.decryption and spec.kubeConfig. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type Clouds, type ControlPlane, issuerKeysOf, openPrivateDirectory, startClouds } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, declare, deploy, roll } from "../../harness/deploy.ts";
import { startEksCluster } from "../../harness/eks.ts";
import { readLogs } from "../../harness/harness.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { configMap, secret } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { encryptedBy } from "../../harness/sops.ts";
import { startTransitEngine, type TransitEngine } from "../../harness/vault.ts";

const arn = "arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c-0000-4000-8000-000000000000";
const gcpKey = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
const gcpProvider = "projects/12/locations/global/workloadIdentityPools/pool/providers/cluster";
const vaultKey = "https://shop.vault.azure.net/keys/sops/1";
/** The ConfigMap that lists instances of Vault, in the controllers' namespace. */
const instances = "vaults";
const user = { id: "AKIDEXAMPLE", key: "hidden-user-key", session: "hidden-user-session" };
const userCredentials = {
  AWS_ACCESS_KEY_ID: user.id,
  AWS_SECRET_ACCESS_KEY: user.key,
  AWS_SESSION_TOKEN: user.session,
};
const password = "correct-horse";

let clouds: Clouds;
let harness: OwnHarness;
/** For who must believe that it speaks to the clouds. */
let online: Record<string, string>;
/** Of the controller, which is a user of AWS. */
let own: Record<string, string>;
const stack = new AsyncDisposableStack();
before(async () => {
  clouds = stack.use(await startClouds());
  const { path } = stack.use(await openPrivateDirectory());
  const ca = join(path, "ca.pem");
  await writeFile(ca, clouds.ca);
  online = { HTTPS_PROXY: clouds.proxy, SSL_CERT_FILE: ca };
  own = { ...online, NODE_EXTRA_CA_CERTS: ca, SOPS_GCP_KMS_CLIENT_TYPE: "rest", ...userCredentials };
  const args = ["--feature-gates=ObjectLevelWorkloadIdentity=true", `--sops-vault-configmap=${instances}`];
  harness = stack.use(
    await startHarness({ env: { "kustomize-controller": own }, args: { "kustomize-controller": args } }),
  );
  const { world } = clouds;
  world.issuers.push(...(await issuerKeysOf(harness.controlPlane)));
  for (const one of [user.id, user.session]) world.holders.set(one, "user");
  world.accessKeys.set(user.id, user.key);
  world.holders.set("hidden-client-secret", "tenant/writer");
  for (const writer of ["user", "writer", "tenant/writer"]) world.keyUsers.add(writer);
});
after(() => stack.disposeAsync());

interface Cloud {
  name: string;
  /** What sops encrypts with. */
  args: string[];
  env: () => Record<string, string>;
  /** Of an account that may use the key once the cloud trusts it as `id`. */
  annotations: (id: string) => Record<string, string>;
  /** The role, application or account at the cloud. */
  identity: (id: string) => string;
  /** What the cloud says to an account that it does not know. */
  rejection: RegExp;
}

const table: Cloud[] = [
  {
    name: "AWS",
    args: ["--kms", arn],
    env: () => userCredentials,
    annotations: (id) => ({ "eks.amazonaws.com/role-arn": roleOf(id) }),
    identity: roleOf,
    rejection: /AssumeRoleWithWebIdentity/,
  },
  {
    name: "Azure",
    args: ["--azure-kv", vaultKey],
    env: () => ({
      AZURE_TENANT_ID: "tenant",
      AZURE_CLIENT_ID: "writer",
      AZURE_CLIENT_SECRET: "hidden-client-secret",
    }),
    annotations: (id) => ({ "azure.workload.identity/tenant-id": "tenant", "azure.workload.identity/client-id": id }),
    identity: (id) => `tenant/${id}`,
    rejection: /AADSTS700213/,
  },
  {
    name: "Google Cloud",
    args: ["--gcp-kms", gcpKey],
    env: () => ({ SOPS_GCP_KMS_CLIENT_TYPE: "rest", GOOGLE_OAUTH_ACCESS_TOKEN: clouds.world.issue("writer") }),
    annotations: (id) => ({
      "gcp.auth.fluxcd.io/workload-identity-provider": gcpProvider,
      "iam.gke.io/gcp-service-account": emailOf(id),
    }),
    identity: emailOf,
    rejection: /iam\.serviceAccounts\.getAccessToken/,
  },
];

function roleOf(id: string): string {
  return `arn:aws:iam::111122223333:role/${id}`;
}

function emailOf(id: string): string {
  return `${id}@shop.iam.gserviceaccount.com`;
}

const spec = "  path: ./app\n  prune: true\n  decryption: {provider: sops, serviceAccountName: keeper}";

/** A Secret of the repository, as sops writes it with a key of the cloud. */
async function encryptedFiles(
  scenario: Scenario,
  { args, env }: Pick<Cloud, "args" | "env">,
): Promise<Record<string, string>> {
  const plain = secret("credentials", { password })
    .replace("---\n", "")
    .replace("name: credentials", `name: credentials, namespace: ${scenario.namespace}`);
  const rule = ["--encrypted-regex", "^data$", ...args];
  return { "app/secret.yaml": await encryptedBy(rule, "secret.yaml", plain, { ...online, ...env() }) };
}

/** The account `keeper` of the scenario's namespace. */
function account(annotations: Record<string, string>): string {
  return `apiVersion: v1
kind: ServiceAccount
metadata: {name: keeper, annotations: ${JSON.stringify(annotations)}}
---
`;
}

/** Makes the cloud know the account, and lets who it is there use the key. */
function trust(scenario: Scenario, identity: string): void {
  clouds.world.trusts.set(identity, `system:serviceaccount:${scenario.namespace}:keeper`);
  clouds.world.keyUsers.add(identity);
}

async function passwordOf(scenario: Scenario): Promise<string> {
  const object = await scenario.get("Secret/credentials");
  return Buffer.from(dataOf(object)?.["password"] ?? "", "base64").toString();
}

suite("an account that decrypts", () => {
  for (const cloud of table) {
    test(`uses the key of ${cloud.name} that it may use`, async () => {
      await using scenario = await startScenario(harness, "identity");
      await scenario.apply(account(cloud.annotations(scenario.namespace)));
      trust(scenario, cloud.identity(scenario.namespace));
      await deploy(scenario, await encryptedFiles(scenario, cloud), spec);
      assert.equal(await passwordOf(scenario), password);
    });

    test(`is rejected by ${cloud.name} until it is trusted there`, async () => {
      await using scenario = await startScenario(harness, "identity-rejected");
      await scenario.apply(account(cloud.annotations(scenario.namespace)));
      const sha = await declare(scenario, await encryptedFiles(scenario, cloud), spec);
      const rejected = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
      assert.match(conditionOf(rejected, "Ready")?.message ?? "", cloud.rejection);
      assert.equal(await scenario.get("Secret/credentials"), undefined);

      trust(scenario, cloud.identity(scenario.namespace));
      await scenario.request("Kustomization/app");
      await scenario.untilReady("Kustomization/app", sha);

      assert.equal(await passwordOf(scenario), password);
    });
  }

  testBeyondFlux(
    () => harness,
    "that does not exist is missed by name",
    async () => {
      await using scenario = await startScenario(harness, "identity-missing");
      await declare(scenario, await encryptedFiles(scenario, cloudOf("AWS")), spec);
      const rejected = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
      assert.match(
        conditionOf(rejected, "Ready")?.message ?? "",
        new RegExp(`ServiceAccount ${scenario.namespace}/keeper: it does not exist`),
      );
    },
  );
});

function cloudOf(name: string): Cloud {
  const cloud = table.find((one) => one.name === name);
  assert.ok(cloud);
  return cloud;
}

suite("the controller itself", () => {
  const unnamed = "  path: ./app\n  prune: true\n  decryption: {provider: sops}";

  test("decrypts where no account is named", async () => {
    await using scenario = await startScenario(harness, "identity-own");
    await deploy(scenario, await encryptedFiles(scenario, cloudOf("AWS")), unnamed);
    assert.equal(await passwordOf(scenario), password);
  });

  testBeyondFlux(
    () => harness,
    "does not decrypt for tenants who have to act as themselves",
    async () => {
      const args = ["--default-service-account=deployer"];
      await using shared = await startHarness({
        env: { "kustomize-controller": own },
        args: { "kustomize-controller": args },
      });
      await using scenario = await startScenario(shared, "identity-tenant");
      await declare(scenario, await encryptedFiles(scenario, cloudOf("AWS")), unnamed);
      const rejected = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
      assert.match(conditionOf(rejected, "Ready")?.message ?? "", /set spec\.decryption\.serviceAccountName/);
    },
  );
});

suite("an instance of Vault", () => {
  let vault: TransitEngine;
  let listed: Scenario;
  before(async () => {
    vault = stack.use(await startTransitEngine(clouds.world.issuers));
    const config = JSON.stringify({ instances: [{ address: vault.address, loginPath: "auth/kubernetes/login" }] });
    listed = stack.use(await startScenario(harness, "identity-vaults"));
    await listed.apply(`apiVersion: v1
kind: Namespace
metadata: {name: flux-system}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${instances}, namespace: flux-system}
data: {config.yaml: ${JSON.stringify(config)}}
`);
  });
  const withEngine = ({ keyUrl, token }: TransitEngine) => ({
    args: ["--hc-vault-transit", keyUrl],
    env: () => ({ VAULT_TOKEN: token }),
  });

  test("that is listed is logged into by the account", async () => {
    await using scenario = await startScenario(harness, "identity-vault");
    await scenario.apply(account({}));
    await deploy(scenario, await encryptedFiles(scenario, withEngine(vault)), spec);
    assert.equal(await passwordOf(scenario), password);
  });

  test("that is not listed gets no token", async () => {
    await using other = await startTransitEngine(clouds.world.issuers);
    await using scenario = await startScenario(harness, "identity-other-vault");
    await scenario.apply(account({}));
    await declare(scenario, await encryptedFiles(scenario, withEngine(other)), spec);
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
    assert.deepEqual(other.logins, []);
  });
});

suite("another cluster, which a cloud runs", () => {
  let remote: ControlPlane;
  before(async () => {
    remote = stack.use(await startEksCluster(clouds.world, { name: "shop", role: roleOf("remote") }));
  });

  test("is reached with a token of the account's role", async () => {
    await using scenario = await startScenario(harness, "identity-eks");
    const cluster = "arn:aws:eks:eu-west-1:111122223333:cluster/shop";
    clouds.world.clusters.set(cluster, { server: remote.url, ca: await readFile(remote.caFile, "utf8") });
    const description = { provider: "aws", cluster, serviceAccountName: "keeper" };
    await scenario.apply(account({ "eks.amazonaws.com/role-arn": roleOf("remote") }));
    trust(scenario, roleOf("remote"));
    await scenario.apply(
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: remote}\ndata: ${JSON.stringify(description)}\n`,
    );
    const there = configMap("there").replace('"{{ns}}"', "default");
    await deploy(
      scenario,
      { "app/there.yaml": there },
      "  path: ./app\n  prune: true\n  kubeConfig: {configMapRef: {name: remote}}",
    );
    await roll(scenario, { "app/there.yaml": there.replace('"1"', '"2"') });
    assert.equal(await scenario.get("ConfigMap/there"), undefined);
  });
});

suite("what proves who somebody is", () => {
  testBeyondFlux(
    () => harness,
    "is shown nowhere, also where a cloud repeats it",
    async () => {
      await using scenario = await startScenario(harness, "identity-repeated");
      clouds.world.repeats = true;
      await scenario.apply(account(cloudOf("AWS").annotations(scenario.namespace)));
      await declare(scenario, await encryptedFiles(scenario, cloudOf("AWS")), spec);
      const rejected = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
      clouds.world.repeats = false;
      const log = await readLogs(harness, ["kustomize-controller"]);
      const said = [JSON.stringify(rejected), JSON.stringify(harness.events.events), log].join("\n");
      const secrets = clouds.secrets();
      assert.ok(secrets.length > 3);
      assert.deepEqual(
        secrets.filter((one) => said.includes(one)),
        [],
      );
    },
  );
});
