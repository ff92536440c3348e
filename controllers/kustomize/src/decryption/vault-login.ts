import { Fault, Reason } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import { type Http, isJsonObject, requestJson, textOf } from "@leat/http";
import type { Identity } from "@leat/identity";
import { type Kube, readConfigData } from "@leat/kube";
import { withoutTrailing } from "@leat/text";
import { parseYaml } from "@leat/yaml";

export interface VaultLoginOptions {
  kube: Pick<Kube, "get">;
  http: Http;
  /** Lists the instances that are trusted, under `config.yaml`. */
  configMap: ObjectKey;
}

type VaultToken = (address: string, signal: AbortSignal) => Promise<string>;

/**
 * Logs in at Vault or OpenBao with tokens of ServiceAccounts, at the instances alone that a ConfigMap lists: a file of a
 * repository may name any address.
 */
export function vaultLogin(options: VaultLoginOptions): (identity: Pick<Identity, "kubernetes">) => VaultToken {
  return (identity) => {
    const given = new Map<string, Promise<string>>();
    return (address, signal) =>
      given.getOrInsertComputed(address, async () => logIn(options, identity, address, signal));
  };
}

async function logIn(
  options: VaultLoginOptions,
  identity: Pick<Identity, "kubernetes">,
  address: string,
  signal: AbortSignal,
): Promise<string> {
  const path = await loginPathOf(options, address, signal);
  const { token, namespace, name } = await identity.kubernetes([address], signal);
  const role = `${namespace}_${name}`;
  const { auth } = await requestJson(options.http, {
    reason: Reason.AuthenticationFailed,
    method: "POST",
    url: `${withoutTrailing(address, "/")}/v1/${path}`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ role, jwt: token }),
    service: `Vault, to the login of the role ${role},`,
    secrets: [token],
    signal,
  });
  const given = textOf(isJsonObject(auth) ? auth["client_token"] : undefined);
  if (given !== "") return given;
  throw new Fault(Reason.AuthenticationFailed, `Vault returned no token for the role ${role}`);
}

async function loginPathOf(
  { kube, configMap }: VaultLoginOptions,
  address: string,
  signal: AbortSignal,
): Promise<string> {
  const read = await readConfigData(kube, { kind: "ConfigMap", ...configMap }, signal);
  if (read.kind !== "found") {
    const why = read.kind === "missing" ? "does not exist" : `cannot be read: ${read.message}`;
    throw new Fault(Reason.AuthenticationFailed, `${read.subject} of --sops-vault-configmap ${why}`);
  }
  const { subject, text } = read.data;
  const yaml = text("config.yaml");
  if (yaml === undefined) throw new Fault(Reason.AuthenticationFailed, `${subject} has no key config.yaml`);
  const config = parseYaml(yaml, subject);
  const instances =
    isJsonObject(config) && Array.isArray(config["instances"]) ? config["instances"].filter(isJsonObject) : [];
  const path = textOf(instances.find((one) => one["address"] === address)?.["loginPath"])
    .split("/")
    .filter(Boolean);
  if (path.length > 0 && path.every((part) => !/^\.\.?$/.test(part))) return path.map(encodeURIComponent).join("/");
  throw new Fault(Reason.AuthenticationFailed, `${subject} has no loginPath for an instance of this address`);
}
