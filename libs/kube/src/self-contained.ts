import { Fault, LimitExceeded } from "@leat/api";
import { parseYaml } from "@leat/yaml";
import { createIdentitySource, type IdentitySource } from "./connection-identity.ts";
import { identityOf } from "./kubeconfig.ts";
import { addDocument, emptyKubeconfig, selectContext, type SelectedContext } from "./kubeconfig-entries.ts";

/** A kubeconfig of somebody whom we do not trust, such as out of a Secret. */
export interface SelfContained {
  text: string;
  /** What it is called in messages. */
  origin: string;
  /** It may disable the verification of the server's certificate. */
  permitInsecureTls: boolean;
}

/**
 * The identity in a kubeconfig that stands for itself: nothing is run and no file is read for it. Nothing of what it holds is
 * in a message but the names of its entries.
 *
 * @throws Fault `KubeconfigInvalid`
 */
export async function selfContainedIdentity({
  text,
  origin,
  permitInsecureTls,
}: SelfContained): Promise<IdentitySource> {
  const config = emptyKubeconfig(origin);
  addDocument(config, parse(text, origin), origin);
  const selected = selectContext(config);
  for (const { isAsked, advice } of rejected) {
    if (isAsked(selected, permitInsecureTls)) throw new Fault("KubeconfigInvalid", `${origin} ${advice}`);
  }
  const identity = await identityOf(selected, origin);
  return createIdentitySource(async () => identity, Number.POSITIVE_INFINITY);
}

interface Rejected {
  isAsked: (selected: SelectedContext, permitInsecureTls: boolean) => boolean;
  advice: string;
}

const rejected: readonly Rejected[] = [
  {
    isAsked: ({ user }) => user.exec !== undefined,
    advice: "uses an exec plugin, which is not allowed: use a token or a client certificate",
  },
  {
    isAsked: ({ user }) => user.authProvider !== undefined,
    advice: "uses an auth-provider, which is not allowed: use a token or a client certificate",
  },
  {
    isAsked: ({ user }) => user.tokenFile !== undefined,
    advice: "uses a file (tokenFile), which is not allowed: use token",
  },
  {
    isAsked: ({ user }) => user.certFile !== undefined,
    advice: "uses a file (client-certificate), which is not allowed: use client-certificate-data",
  },
  {
    isAsked: ({ user }) => user.keyFile !== undefined,
    advice: "uses a file (client-key), which is not allowed: use client-key-data",
  },
  {
    isAsked: ({ cluster }) => cluster.caFile !== undefined,
    advice: "uses a file (certificate-authority), which is not allowed: use certificate-authority-data",
  },
  {
    isAsked: ({ cluster }, permitInsecureTls) => cluster.skipTlsVerify && !permitInsecureTls,
    advice:
      "sets insecure-skip-tls-verify, which is not allowed: use certificate-authority-data, or set the controller flag --insecure-kubeconfig-tls",
  },
  { isAsked: ({ cluster }) => !isServer(cluster.server), advice: "has a server that is not an http or https URL" },
  {
    isAsked: ({ cluster }) => hasCredentials(cluster.server),
    advice: "has a server with a user or a password in its URL: use username and password",
  },
];

function isServer(server: string): boolean {
  return /^https?:$/.test(URL.parse(server)?.protocol ?? "");
}

function hasCredentials(server: string): boolean {
  const url = URL.parse(server);
  return url !== null && `${url.username}${url.password}` !== "";
}

function parse(text: string, origin: string): unknown {
  try {
    return parseYaml(text, origin);
  } catch (error) {
    if (error instanceof LimitExceeded) throw error;
    // What a parser complains of quotes the text, which is secret.
    throw new Fault("KubeconfigInvalid", `${origin} is not valid YAML`);
  }
}
