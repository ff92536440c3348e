/** Whom a kubeconfig speaks for, and to which server. */
export interface KubeconfigContent {
  url: string;
  /** PEM. */
  ca: string;
  token: string;
  namespace?: string;
}

/** A kubeconfig with everything inline. JSON, which every reader of YAML takes. */
export function kubeconfigText({ url, ca, token, namespace }: KubeconfigContent): string {
  const cluster = { server: url, "certificate-authority-data": Buffer.from(ca).toString("base64") };
  const context = { cluster: "leat", user: "leat", ...(namespace === undefined ? {} : { namespace }) };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "leat",
    clusters: [{ name: "leat", cluster }],
    contexts: [{ name: "leat", context }],
    users: [{ name: "leat", user: { token } }],
  };
  return `${JSON.stringify(kubeconfig, null, 2)}\n`;
}

/**
 * Reads what `kubeconfigText` wrote.
 *
 * @throws Error where it is another kubeconfig
 */
export function readKubeconfig(text: string): KubeconfigContent {
  const ours = parse(text) as {
    clusters?: { cluster?: Record<string, string> }[];
    users?: { user?: { token?: string } }[];
  };
  const cluster = ours.clusters?.[0]?.cluster;
  const token = ours.users?.[0]?.user?.token;
  const ca = cluster?.["certificate-authority-data"];
  if (!cluster?.["server"] || !ca || !token) throw new Error("the kubeconfig has no server, CA or token of its own");
  return { url: cluster["server"], ca: Buffer.from(ca, "base64").toString(), token };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("LEAT_TEST_KUBECONFIG must name a kubeconfig that `npm run cluster` or the test runner wrote", {
      cause,
    });
  }
}
