import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import { core, Fault } from "@leat/api";
import { openSetting, type Setting, signal } from "../test/fixture.ts";
import type { Identity } from "./identity.ts";

const role = "arn:aws:iam::111122223333:role/app";
const provider = "projects/12/locations/global/workloadIdentityPools/pool/providers/cluster";
const email = "app@shop.iam.gserviceaccount.com";
const application = { "azure.workload.identity/tenant-id": "tenant", "azure.workload.identity/client-id": "client" };
const region = "eu-west-1";
const scope = "https://vault.azure.net/.default";

let setting: Setting;
before(async () => {
  setting = await openSetting();
});
after(() => setting[Symbol.asyncDispose]());

const subjectOf = ({ namespace, name }: { namespace: string; name: string }) =>
  `system:serviceaccount:${namespace}:${name}`;

async function identityOf(name: string, annotations: Record<string, string>, trusted?: string): Promise<Identity> {
  const account = await setting.createAccount(name, annotations);
  if (trusted !== undefined) setting.clouds.world.trusts.set(trusted, subjectOf(account));
  return setting.identities().of(account, signal());
}

/** The message of the fault, that holds nothing which was sent or given. */
async function faultOf(asked: Promise<unknown>): Promise<string> {
  const [outcome] = await Promise.allSettled([asked]);
  assert(outcome?.status === "rejected" && outcome.reason instanceof Fault, JSON.stringify(outcome));
  const { message } = outcome.reason;
  for (const secret of setting.clouds.secrets()) assert.ok(!message.includes(secret), message);
  return message;
}

suite("an account with a role of AWS", () => {
  test("gets credentials of the role, under the session name that Flux gives", async () => {
    const identity = await identityOf("role", { "eks.amazonaws.com/role-arn": role }, role);
    const credentials = await identity.aws(region, signal());
    assert.equal(setting.clouds.world.holders.get(credentials.sessionToken ?? ""), role);
    const form = new URLSearchParams(setting.clouds.requests.at(-1)?.body);
    assert.equal(form.get("RoleSessionName"), `role.${setting.namespace}.${region}.fluxcd.io`);
  });

  test("whose names are long has a session name that AWS takes", async () => {
    const long = "arn:aws:iam::111122223333:role/long";
    const identity = await identityOf("a".repeat(60), { "eks.amazonaws.com/role-arn": long }, long);
    assert.ok((await identity.aws(region, signal())).accessKeyId);
  });

  test("that does not trust it is a fault with the words of AWS", async () => {
    const identity = await identityOf("stranger", { "eks.amazonaws.com/role-arn": `${role}-other` });
    assert.equal(
      await faultOf(identity.aws(region, signal())),
      `failed to get AWS credentials for ServiceAccount ${setting.namespace}/stranger: STS responded with 403: AccessDenied: ` +
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
  });
});

suite("an account with an application of Azure", () => {
  test("gets a token for the scope", async () => {
    const identity = await identityOf("application", application, "tenant/client");
    const { token } = await identity.azure(scope, signal());
    assert.equal(setting.clouds.world.holders.get(token), `tenant/client ${scope}`);
  });

  test("that does not trust it is a fault with the words of Azure", async () => {
    const identity = await identityOf("untrusted", { ...application, "azure.workload.identity/client-id": "other" });
    assert.match(
      await faultOf(identity.azure(scope, signal())),
      /Microsoft Entra ID responded with 401: invalid_client: AADSTS700213: No matching federated identity/,
    );
  });

  test("asks nobody where an id leads out of the path", async () => {
    const identity = await identityOf("path", { ...application, "azure.workload.identity/tenant-id": "../common" });
    const asked = setting.clouds.requests.length;
    assert.match(
      await faultOf(identity.azure(scope, signal())),
      /annotation azure\.workload\.identity\/tenant-id is "\.\./,
    );
    assert.equal(setting.clouds.requests.length, asked);
  });
});

suite("an account at Google Cloud", () => {
  const annotation = { "gcp.auth.fluxcd.io/workload-identity-provider": provider };

  test("gets a token for itself", async () => {
    const identity = await identityOf("direct", annotation);
    const { token } = await identity.gcp(signal());
    assert.equal(setting.clouds.world.holders.get(token), `system:serviceaccount:${setting.namespace}:direct`);
  });

  test("gets one of a service account of Google's that it may act as", async () => {
    const identity = await identityOf("acting", { ...annotation, "iam.gke.io/gcp-service-account": email }, email);
    const { token, expiresAt } = await identity.gcp(signal());
    assert.equal(setting.clouds.world.holders.get(token), email);
    assert.ok(expiresAt.getTime() > Date.now() + 3_000_000);
  });

  test("that it may not act as is a fault with the words of Google", async () => {
    const other = { "iam.gke.io/gcp-service-account": "other@shop.iam.gserviceaccount.com" };
    const identity = await identityOf("not-acting", { ...annotation, ...other });
    assert.match(
      await faultOf(identity.gcp(signal())),
      /the IAM credentials service responded with 403: PERMISSION_DENIED: Permission 'iam\.serviceAccounts\.getAccessToken' denied/,
    );
  });

  test("without a provider is one of the cluster of GKE that it is in", async () => {
    const metadata: Record<string, string> = {
      "project/project-id": "shop",
      "instance/attributes/cluster-location": "europe-west1",
      "instance/attributes/cluster-name": "main",
    };
    await using stack = new AsyncDisposableStack();
    const server = createServer(({ url = "", headers }, response) => {
      const value = headers["metadata-flavor"] === "Google" && metadata[url.replace("/computeMetadata/v1/", "")];
      response.writeHead(value ? 200 : 403).end(value || "no");
    }).listen(0, "127.0.0.1");
    stack.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, "listening");
    const account = await setting.createAccount("gke");
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const identity = await setting.identities({ GCE_METADATA_HOST: host }).of(account, signal());
    const { token } = await identity.gcp(signal());
    assert.equal(setting.clouds.world.holders.get(token), subjectOf(account));
    const form = new URLSearchParams(setting.clouds.requests.at(-1)?.body);
    assert.equal(
      form.get("audience"),
      "identitynamespace:shop.svc.id.goog:https://container.googleapis.com/v1/projects/shop/locations/europe-west1/clusters/main",
    );
  });

  test("that is nowhere is told to name a provider", async () => {
    const account = await setting.createAccount("nowhere");
    const identity = await setting.identities({ GCE_METADATA_HOST: "127.0.0.1:1" }).of(account, signal());
    assert.match(await faultOf(identity.gcp(signal())), /outside GKE, the annotation gcp\.auth\.fluxcd\.io/);
  });
});

suite("an account", () => {
  test("is asked for once while what it was given lives", async () => {
    const lasting = "arn:aws:iam::111122223333:role/lasting";
    const account = await setting.createAccount("lasting", { "eks.amazonaws.com/role-arn": lasting });
    setting.clouds.world.trusts.set(lasting, subjectOf(account));
    const identities = setting.identities();
    const asked = setting.clouds.requests.length;
    const all = Array.from({ length: 3 }, async () => (await identities.of(account, signal())).aws(region, signal()));
    const keys = new Set((await Promise.all(all)).map(({ accessKeyId }) => accessKeyId));
    assert.deepEqual([keys.size, setting.clouds.requests.length - asked], [1, 1]);
    await (await identities.of(account, signal())).aws("us-east-1", signal());
    assert.equal(setting.clouds.requests.length - asked, 2);
  });

  test("is another one once an annotation has changed", async () => {
    const account = await setting.createAccount("changing", application);
    const first = await setting.identities().of(account, signal());
    const ref = { resource: core.ServiceAccount, ...account };
    const body = { metadata: { annotations: { "azure.workload.identity/client-id": "second" } } };
    await setting.kube.patch(ref, { type: "merge", body }, { fieldManager: "test" });
    const second = await setting.identities().of(account, signal());
    assert.notEqual(second.key, first.key);
    assert.equal((await setting.identities().of(account, signal())).key, second.key);
  });

  const unusable: Array<[what: string, annotations: Record<string, string>, message: RegExp]> = [
    ["without a role", {}, /missing annotation eks\.amazonaws\.com\/role-arn/],
    [
      "with a role that is none",
      { "eks.amazonaws.com/role-arn": "admin" },
      /role-arn is "admin", which does not match/,
    ],
  ];
  for (const [index, [what, annotations, message]] of unusable.entries()) {
    test(`${what} is told so`, async () => {
      const identity = await identityOf(`unusable-${index}`, annotations);
      assert.match(await faultOf(identity.aws(region, signal())), message);
    });
  }

  test("that is missing is missed where it is needed, and the default one with words for tenants", async () => {
    const account = { namespace: setting.namespace, name: "nobody" };
    const missing = await setting.identities().of(account, signal());
    assert.match(
      await faultOf(missing.gcp(signal())),
      /failed to get Google Cloud credentials for ServiceAccount .*\/nobody: it does not exist/,
    );
    const byDefault = await setting.identities().of({ ...account, isDefault: true }, signal());
    assert.match(
      await faultOf(byDefault.gcp(signal())),
      /Multi-tenancy is enabled in this cluster; ask its administrators$/,
    );
  });

  test("may act at no cloud while the gate is off", async () => {
    const account = await setting.createAccount("gated", { "eks.amazonaws.com/role-arn": role });
    const gated = await setting.identities({}, { permitAccounts: false }).of(account, signal());
    assert.match(await faultOf(gated.aws(region, signal())), /feature gate ObjectLevelWorkloadIdentity/);
    assert.equal((await gated.kubernetes(["a"], signal())).name, "gated");
  });

  test("is not shown by a cloud that repeats what it was sent", async () => {
    setting.clouds.world.repeats = true;
    const annotations = { ...application, "eks.amazonaws.com/role-arn": `${role}-repeated` };
    const identity = await identityOf("repeated", { ...annotations, "azure.workload.identity/client-id": "repeated" });
    const told = await faultOf(identity.aws(region, signal()));
    assert.match(told, /AssumeRoleWithWebIdentity \*\*\*$/);
    assert.match(await faultOf(identity.azure(scope, signal())), /\*\*\*$/);
    setting.clouds.world.repeats = false;
  });
});
