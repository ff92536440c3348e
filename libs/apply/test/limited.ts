import { core, type KubeObject } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { sharedControlPlane } from "@leat/testing";
import type { Setting } from "./fixture.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";
const rbac = { group: "rbac.authorization.k8s.io", version: "v1", namespaced: false };
const asAdministrator = { fieldManager: "test" };

/** A service account that may do with some resources what it needs to apply, and more or less of looking at them. */
export interface Limited extends AsyncDisposable {
  kube: Kube;
  /** `verb resource code` of each attempt of each request. */
  requests: string[];
  /** Replaces the verbs that it may use besides. */
  allow: (verbs: readonly string[]) => Promise<void>;
}

export interface LimitedOptions {
  /** `group: plurals`. */
  resources: Record<string, string[]>;
  verbs: readonly string[];
  /** See `ConnectOptions`. */
  watchTiming?: { sessionMs?: number };
}

export async function openLimited(setting: Setting, options: LimitedOptions): Promise<Limited> {
  const { kube, namespace } = setting;
  await using stack = new AsyncDisposableStack();
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "limited", namespace } };
  await kube.create(core.ServiceAccount, account, asAdministrator);
  const name = `${namespace}-limited`;
  const role = (verbs: readonly string[]): KubeObject => ({
    apiVersion,
    kind: "ClusterRole",
    metadata: { name },
    rules: Object.entries(options.resources).map(([group, resources]) => ({
      apiGroups: [group],
      resources,
      verbs: ["get", "patch", "create", "delete", ...verbs],
    })),
  });
  const binding = {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: rbac.group, kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: "limited", namespace }],
  };
  for (const [resource, object] of [
    [core.ClusterRole, role(options.verbs)] as const,
    [core.ClusterRoleBinding, binding] as const,
  ]) {
    await kube.create(resource, object, asAdministrator);
    stack.defer(async () => void (await kube.delete({ resource, name })));
  }
  const requests: string[] = [];
  const limited = stack.use(
    await connect({
      kubeconfig: await (await sharedControlPlane()).kubeconfigFor({ namespace, name: "limited" }),
      onRequest: ({ verb, resource, code }) => requests.push(`${verb} ${resource} ${code}`),
      ...(options.watchTiming && { watchTiming: options.watchTiming }),
    }),
  );
  const all = stack.move();
  return {
    kube: limited,
    requests,
    allow: async (verbs) => {
      await kube.apply(core.ClusterRole, role(verbs), { ...asAdministrator, force: true });
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
