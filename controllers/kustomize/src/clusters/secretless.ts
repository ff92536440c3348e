import { hash } from "node:crypto";
import type { Resource } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import type { Access, AccessOptions } from "./access.ts";

/** A ConfigMap that says where a cluster is, and for whom a token is made for it. */
export interface Description {
  subject: string;
  /** Of the ConfigMap and of the ServiceAccount. */
  namespace: string;
  data: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

interface Account {
  namespace: string;
  name: string;
}

/** The way to a cluster that trusts the tokens of our own: with a short-lived one of a ServiceAccount. */
export async function readCluster(options: AccessOptions, description: Description): Promise<Access> {
  const { subject: name, data } = description;
  const unusable = (message: string): Access => ({ kind: "unusable", name, message });
  const { provider = "", address = "", "ca.crt": ca } = data;
  if (provider !== "generic") {
    const given = provider === "" ? "it has no provider" : `its provider ${JSON.stringify(provider)} is not supported`;
    return unusable(`${given}: what works is generic, and a Secret with a kubeconfig`);
  }
  const server = serverOf(address);
  if (server === undefined) return unusable("its address is missing, or no https address: write https://<host>:<port>");
  const account = await accountOf(options, description);
  if (account === undefined) {
    return unusable(
      "it has no serviceAccountName, and the controller's own account is not to be used: name an account of its namespace",
    );
  }
  const audiences = audiencesOf(data);
  const token = async () => options.kube.createToken({ ...account, audiences });
  return {
    kind: "found",
    key: hash("sha256", JSON.stringify([account, server, ca, audiences])),
    name,
    connect: (more) => connect({ ...more, server, ca: ca === "" ? undefined : ca, token }),
  };
}

/** Only host and port count. */
function serverOf(address: string): string | undefined {
  const url = URL.parse(address.includes("://") ? address : `https://${address}`);
  const isPlain = url?.protocol === "https:" && url.hostname !== "" && `${url.username}${url.password}` === "";
  return url !== null && isPlain ? `https://${url.hostname}:${url.port || "443"}` : undefined;
}

function audiencesOf({ audiences = "", address = "" }: Description["data"]): string[] {
  const named = audiences
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return named.length > 0 ? named : [address];
}

async function accountOf(
  options: AccessOptions,
  { namespace, data, signal }: Description,
): Promise<Account | undefined> {
  const name = data["serviceAccountName"] || options.defaultKubeconfigServiceAccount;
  if (name !== "") return { namespace, name };
  return options.permitOwnToken ? ownAccount(options.kube, signal) : undefined;
}

const selfSubjectReviews: Resource = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  namespaced: false,
};

/** The ServiceAccount that the controller runs as, where it is one. */
async function ownAccount(kube: Kube, signal: AbortSignal): Promise<Account | undefined> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: selfSubjectReviews.kind, metadata: { name: "" } };
  const { status } = await kube.create(selfSubjectReviews, review, { fieldManager: "kustomize-controller", signal });
  const { username = "" } = (status as { userInfo?: { username?: string } } | undefined)?.userInfo ?? {};
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}
