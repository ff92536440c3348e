import { hash } from "node:crypto";
import { Fault } from "@leat/api";
import { type CloudProvider, type Identity, isCloudProvider, managedCluster, type Token } from "@leat/identity";
import { type ConfigData, connect } from "@leat/kube";
import type { Access, AccessOptions } from "./access.ts";

/** A ConfigMap that says where a cluster is, and for whom a token is made for it. */
export interface Description {
  data: ConfigData;
  /** Of the ConfigMap and of the ServiceAccount. */
  namespace: string;
  signal: AbortSignal;
}

/** A cluster, and what it takes a token from. */
interface Described {
  server: string;
  ca: string | undefined;
  token: (signal: AbortSignal) => Promise<Token>;
  identity: Identity;
  /** What else tells it from others. */
  parts: readonly unknown[];
}

/** The way to a cluster with short-lived tokens: it trusts those of our own, or a cloud runs it. */
export async function readDescription(options: AccessOptions, description: Description): Promise<Access> {
  const { subject: name } = description.data;
  const unusable = (message: string): Access => ({ kind: "unusable", name, message });
  const identity = await identityFor(options, description);
  if (identity === undefined) return unusable(namesNobody);
  try {
    const { server, ca, token, parts } = await described(options, description, identity);
    return {
      kind: "found",
      key: hash("sha256", JSON.stringify([identity.key, server, ca, parts])),
      name,
      connect: (more) => {
        const renewed = () => token(AbortSignal.timeout(tokenPatienceMs));
        return connect({ ...more, server, ca, guard: options.guard, token: renewed });
      },
    };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return unusable(error.message);
  }
}

const tokenPatienceMs = 60_000;

const namesNobody = "serviceAccountName is required when multi-tenancy is enabled";

async function identityFor(
  { identities, defaultKubeconfigServiceAccount: byDefault, permitOwnToken }: AccessOptions,
  { namespace, data, signal }: Description,
): Promise<Identity | undefined> {
  const audiences = listed(data.text("audiences"));
  // An empty name is none: it must not make the controller itself act.
  const name = data.text("serviceAccountName");
  if (name) return identities.of({ namespace, name, audiences }, signal);
  if (byDefault !== "") return identities.of({ namespace, name: byDefault, audiences, isDefault: true }, signal);
  return permitOwnToken ? identities.own : undefined;
}

async function described(options: AccessOptions, description: Description, identity: Identity): Promise<Described> {
  const provider = description.data.text("provider") ?? "";
  if (provider === "generic") return trustingOurs(description, identity);
  if (isCloudProvider(provider)) return ofCloud(options, description, { identity, provider });
  const given = provider === "" ? "it has no provider" : `its provider is ${JSON.stringify(provider)}`;
  throw new Fault("KubeconfigInvalid", `${given}: expected aws, azure, gcp or generic`);
}

async function trustingOurs({ data }: Description, identity: Identity): Promise<Described> {
  const address = data.text("address") ?? "";
  const server = serverOf(address);
  const audiences = listed(data.text("audiences")) ?? [address];
  const token = async (signal: AbortSignal) => identity.kubernetes(audiences, signal);
  return { server, ca: data.text("ca.crt") || undefined, token, identity, parts: ["generic", audiences] };
}

/** What the ConfigMap does not say of the cluster, the cloud is asked for. */
async function ofCloud(
  { identities }: AccessOptions,
  { data, signal }: Description,
  { identity, provider }: { identity: Identity; provider: CloudProvider },
): Promise<Described> {
  const id = data.text("cluster") ?? "";
  const address = data.text("address");
  const cluster = managedCluster(provider, id, identities.cloud);
  const server = address ? serverOf(address) : undefined;
  const ca = data.text("ca.crt") || undefined;
  const isKnown = server !== undefined && ca !== undefined;
  const location = isKnown ? { server, ca } : await cluster.locate(identity, server, signal);
  const token = async (until: AbortSignal) => cluster.token(identity, until);
  return { ...location, ...(ca && { ca }), token, identity, parts: [provider, id, data.text("audiences")] };
}

/**
 * Only host and port count.
 *
 * @throws Fault where it is not the address of a server
 */
function serverOf(address: string): string {
  const url = URL.parse(address.includes("://") ? address : `https://${address}`);
  const isPlain = url?.protocol === "https:" && url.hostname !== "" && `${url.username}${url.password}` === "";
  if (url !== null && isPlain) return `https://${url.hostname}:${url.port || "443"}`;
  throw new Fault("KubeconfigInvalid", "its address must be https://<host>:<port>");
}

function listed(lines = ""): string[] | undefined {
  const values = lines
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return values.length > 0 ? values : undefined;
}
