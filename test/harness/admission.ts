import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { createCertificateAuthority, eventually } from "@leat/testing";
import type { Scenario } from "./scenario.ts";

/** A ConfigMap with this value is denied by what is started here. */
export const deniedValue = "denied";

const ownNamespace = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ns}}}}";
const configMapsOn = (operations: string) =>
  `[{apiGroups: [""], apiVersions: [v1], operations: [${operations}], resources: [configmaps], scope: Namespaced}]`;

/** What the API server says where it denies a ConfigMap. */
export const denial = "this value is not permitted";

export interface Policy {
  /** Of `CREATE` and `UPDATE`; both where it is not given. */
  operations?: string;
  /** In CEL, over `object`; everything but `deniedValue` where it is not given. */
  permits?: string;
  message?: string;
}

/** A policy for the ConfigMaps of the scenario, which the API server applies by itself; resolves when it is in force. */
export async function denyByPolicy(
  scenario: Scenario,
  {
    operations = "CREATE, UPDATE",
    permits = `object.data.?value.orValue('') != '${deniedValue}'`,
    message = denial,
  }: Policy = {},
): Promise<void> {
  await scenario.apply(`apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: "{{ns}}"}
spec:
  matchConstraints:
    resourceRules: ${configMapsOn(operations)}
  validations: [{expression: "${permits}", message: "${message}"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: "{{ns}}"}
spec:
  policyName: "{{ns}}"
  validationActions: [Deny]
  matchResources: {${ownNamespace}}
`);
  await untilDenied(scenario);
}

export interface Webhook extends AsyncDisposable {
  client: WebhookClient;
}

interface WebhookClient {
  url: string;
  /** PEM in base64. */
  caBundle?: string;
}

/** Answers whether ConfigMaps are permitted. */
export async function startWebhook(): Promise<Webhook> {
  const authority = createCertificateAuthority();
  const { certificate: cert, key } = authority.issue({ commonName: "webhook", hosts: ["127.0.0.1"] });
  const server = createServer({ cert, key }, (request, response) => {
    json(request).then(
      (review) => response.setHeader("content-type", "application/json").end(answer(review as AdmissionReview)),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const caBundle = Buffer.from(authority.certificate).toString("base64");
  return {
    client: { url: `https://127.0.0.1:${port}/`, caBundle },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Has the API server ask a webhook about the ConfigMaps of the scenario, and reject them where it does not answer. */
export async function askWebhook(scenario: Scenario, client: WebhookClient): Promise<void> {
  await scenario.apply(`apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: "{{ns}}"}
webhooks:
- name: webhook.example.org
  clientConfig: ${JSON.stringify(client)}
  rules: ${configMapsOn("CREATE, UPDATE")}
  ${ownNamespace}
  failurePolicy: Fail
  sideEffects: None
  admissionReviewVersions: [v1]
`);
  await untilDenied(scenario);
}

/** The API server no longer asks the webhook of the scenario. */
export async function removeWebhook(scenario: Scenario): Promise<void> {
  await scenario.delete(`admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration/${scenario.namespace}`);
  await eventually(() => isPermitted(scenario), { what: "the API server to permit a ConfigMap" });
}

interface AdmissionReview {
  request: { uid: string; object: { data?: { value?: string } } };
}

function answer({ request: { uid, object } }: AdmissionReview): string {
  const allowed = object.data?.value !== deniedValue;
  const response = { uid, allowed, status: { message: denial } };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
}

/** The API server takes up what says who is admitted a moment after it is written. */
async function untilDenied(scenario: Scenario): Promise<void> {
  await eventually(async () => !(await isPermitted(scenario)), { what: "the API server to deny a ConfigMap" });
}

async function isPermitted({ kube, namespace }: Scenario): Promise<boolean> {
  const resource = await kube.resourceOf("v1", "ConfigMap");
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "try", namespace },
    data: { value: deniedValue },
  };
  const applied = resource && kube.apply(resource, object, { fieldManager: "user", dryRun: true });
  return Promise.resolve(applied).then(
    () => true,
    () => false,
  );
}
