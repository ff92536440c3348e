import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Answers, openCloud } from "../test/fake-cloud.ts";
import type { Environment } from "@leat/http";
import type { Identity } from "./identity.ts";
import { type CloudProvider, managedCluster } from "./cloud-provider.ts";

const pem = "-----BEGIN CERTIFICATE-----\n";
const ca = base64(pem);
const signal = () => AbortSignal.timeout(10_000);
const never = async (): Promise<never> => Promise.reject(new Error("this cloud is not the one"));

/** Has credentials at every cloud, and counts nothing. */
const identity: Identity = {
  name: "the controller",
  key: "controller",
  aws: async () => ({ accessKeyId: "AKID", secretAccessKey: "hidden", sessionToken: "session" }),
  azure: async (scope) => ({ token: `hidden ${scope}`, expiresAt: new Date("2099-01-01") }),
  gcp: async () => ({ token: "hidden", expiresAt: new Date("2099-01-01") }),
  kubernetes: never,
};

const eks = "arn:aws:eks:eu-west-1:111122223333:cluster/main";
const eksUrl = "GET https://eks.eu-west-1.amazonaws.com/clusters/main";
const eksAnswer = { cluster: { endpoint: "https://main.eks", certificateAuthority: { data: ca } } };

const gke = "projects/shop/locations/europe-west1/clusters/main";
const gkeUrl = `GET https://container.googleapis.com/v1/${gke}`;
const gkeAnswer = { endpoint: "192.0.2.1", masterAuth: { clusterCaCertificate: ca } };

const subscription = "11111111-2222-3333-4444-555555555555";
const aks = `/subscriptions/${subscription}/resourceGroups/shop/providers/Microsoft.ContainerService/managedClusters/main`;
const aksPath = (action = "", host = "management.azure.com") => `https://${host}${aks}${action}?api-version=2025-05-01`;
const aksCluster = { [`GET ${aksPath()}`]: { body: { properties: { aadProfile: {} } } } };
const aksAnswers = (...servers: string[]): Answers => ({
  ...aksCluster,
  [`POST ${aksPath("/listClusterUserCredential")}`]: {
    body: { kubeconfigs: servers.map((server) => ({ name: "c", value: base64(kubeconfigOf(server)) })) },
  },
});

async function locate(
  provider: CloudProvider,
  id: string,
  answers: Answers,
  given: { server?: string; env?: Environment } = {},
) {
  await using cloud = await openCloud(answers, given.env);
  const { server, ca: authority } = await managedCluster(provider, id, cloud.cloud).locate(
    identity,
    given.server,
    signal(),
  );
  return [server, authority];
}

suite("where a managed cluster answers", () => {
  const located: Array<[about: string, found: () => Promise<unknown[]>, server: string]> = [
    ["EKS says", () => locate("aws", eks, { [eksUrl]: { body: eksAnswer } }), "https://main.eks"],
    [
      "EKS of China says",
      () =>
        locate("aws", "arn:aws-cn:eks:cn-north-1:111122223333:cluster/main", {
          "GET https://eks.cn-north-1.amazonaws.com.cn/clusters/main": { body: eksAnswer },
        }),
      "https://main.eks",
    ],
    ["GKE says, by its address", () => locate("gcp", gke, { [gkeUrl]: { body: gkeAnswer } }), "https://192.0.2.1"],
    [
      "GKE of another universe says",
      () =>
        locate(
          "gcp",
          gke,
          { [`GET https://container.example.com/v1/${gke}`]: { body: gkeAnswer } },
          { env: { GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.com" } },
        ),
      "https://192.0.2.1",
    ],
    ["AKS says", () => locate("azure", aks, aksAnswers("https://main.aks:443")), "https://main.aks:443"],
    [
      "its user says, of those that AKS knows",
      () =>
        locate("azure", aks, aksAnswers("https://public.aks:443", "https://private.aks"), {
          server: "https://private.aks:443",
        }),
      "https://private.aks:443",
    ],
    [
      "its user says, who knows better than EKS",
      () => locate("aws", eks, { [eksUrl]: { body: eksAnswer } }, { server: "https://10.0.0.1" }),
      "https://10.0.0.1",
    ],
  ];
  for (const [about, found, server] of located) {
    test(about, async () => assert.deepEqual(await found(), [server, pem]));
  }

  const faults: Array<[about: string, found: () => Promise<unknown>, message: RegExp]> = [
    ["the id is none of EKS", () => locate("aws", "main", {}), /its cluster is "main": expected arn:aws:eks:/],
    ["the id is none of GKE", () => locate("gcp", "projects/../main", {}), /expected projects\/<project>/],
    ["the id is none of AKS", () => locate("azure", `${aks}?x`, {}), /expected \/subscriptions\/<id>/],
    [
      "EKS has no authority yet",
      () => locate("aws", eks, { [eksUrl]: { body: { cluster: eksAnswer.cluster.endpoint } } }),
      /EKS returned no server for the cluster: is it ready\?/,
    ],
    [
      "GKE has no address yet",
      () => locate("gcp", gke, { [gkeUrl]: { body: { masterAuth: gkeAnswer.masterAuth } } }),
      /GKE returned no server/,
    ],
    [
      "GKE rejects",
      () => locate("gcp", gke, { [gkeUrl]: { status: 403, body: { error: { message: "not hidden" } } } }),
      /^GKE responded with 403: not \*\*\*$/,
    ],
    [
      "AKS is without Entra ID",
      () => locate("azure", aks, { [`GET ${aksPath()}`]: { body: { properties: {} } } }),
      /an AKS cluster without Microsoft Entra ID integration/,
    ],
    [
      "the address is of another cluster",
      () => locate("azure", aks, aksAnswers("https://main.aks"), { server: "https://other.aks" }),
      /its address is not an address of the cluster, which has https:\/\/main\.aks$/,
    ],
  ];
  for (const [about, found, message] of faults) {
    test(`is a fault if ${about}`, async () => assert.rejects(found(), { name: "Fault", message }));
  }

  test("is asked for once by the same identity", async () => {
    await using cloud = await openCloud({ [gkeUrl]: { body: gkeAnswer } });
    const { locate: ask } = managedCluster("gcp", gke, cloud.cloud);
    await ask(identity, undefined, signal());
    await ask(identity, undefined, signal());
    assert.equal(cloud.requests.length, 1);
    await ask({ ...identity, key: "another" }, undefined, signal());
    assert.equal(cloud.requests.length, 2);
  });
});

suite("the token for a managed cluster", () => {
  test("of EKS is a signed question of who asks, for a quarter of an hour", async () => {
    await using cloud = await openCloud({});
    const { token, expiresAt } = await managedCluster("aws", eks, cloud.cloud).token(identity, signal());
    const url = new URL(Buffer.from(token.replace("k8s-aws-v1.", ""), "base64url").toString());
    assert.equal(`${url.origin}${url.pathname}`, "https://sts.eu-west-1.amazonaws.com/");
    assert.deepEqual(
      ["Action", "X-Amz-Expires", "X-Amz-SignedHeaders"].map((name) => url.searchParams.get(name)),
      ["GetCallerIdentity", "900", "host;x-k8s-aws-id"],
    );
    assert.ok(Math.abs(expiresAt.getTime() - Date.now() - 900_000) < 60_000);
  });

  test("of AKS is one for the application of its servers", async () => {
    await using cloud = await openCloud({});
    const { token } = await managedCluster("azure", aks, cloud.cloud).token(identity, signal());
    assert.equal(token, "hidden 6dae42f8-4368-4678-94ff-3960e28e3630/.default");
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({ clusters: [{ cluster: { server, "certificate-authority-data": ca } }] });
}
