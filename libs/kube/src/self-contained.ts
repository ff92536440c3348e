import { Fault } from "@leat/api";
import { parseYaml } from "@leat/yaml";
import { createIdentitySource, type IdentitySource } from "./connection-identity.ts";
import { identityOf } from "./kubeconfig.ts";
import { addDocument, emptyKubeconfig, selectContext, type SelectedContext } from "./kubeconfig-entries.ts";

/** A kubeconfig of somebody whom we do not trust, such as out of a Secret. */
export interface SelfContained {
  text: string;
  /** What it is called in messages. */
  origin: string;
  /** It may switch off the verification of the server's certificate. */
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
  for (const { isAsked, advice } of refused) {
    if (isAsked(selected, permitInsecureTls)) throw new Fault("KubeconfigInvalid", `${origin} ${advice}`);
  }
  const identity = await identityOf(selected, origin);
  return createIdentitySource(async () => identity, Number.POSITIVE_INFINITY);
}

interface Refused {
  isAsked: (selected: SelectedContext, permitInsecureTls: boolean) => boolean;
  advice: string;
}

const refused: readonly Refused[] = [
  {
    isAsked: ({ user }) => user.exec !== undefined,
    advice: "asks for an exec plugin, which is never run: use a token or a client certificate",
  },
  {
    isAsked: ({ user }) => user.authProvider !== undefined,
    advice: "asks for an auth-provider, which is never used: use a token or a client certificate",
  },
  {
    isAsked: ({ user }) => user.tokenFile !== undefined,
    advice: "names a file (tokenFile), which is not read: put its content into token",
  },
  {
    isAsked: ({ user }) => user.certFile !== undefined,
    advice: "names a file (client-certificate), which is not read: use client-certificate-data",
  },
  {
    isAsked: ({ user }) => user.keyFile !== undefined,
    advice: "names a file (client-key), which is not read: use client-key-data",
  },
  {
    isAsked: ({ cluster }) => cluster.caFile !== undefined,
    advice: "names a file (certificate-authority), which is not read: use certificate-authority-data",
  },
  {
    isAsked: ({ cluster }, permitInsecureTls) => cluster.skipTlsVerify && !permitInsecureTls,
    advice:
      "sets insecure-skip-tls-verify, which is not permitted: use certificate-authority-data, or have the controller run with --insecure-kubeconfig-tls",
  },
  { isAsked: ({ cluster }) => !isServer(cluster.server), advice: "has a server that is no http or https URL" },
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
  } catch {
    // What a parser complains of quotes the text, which is secret.
    throw new Fault("KubeconfigInvalid", `${origin} is no YAML`);
  }
}
