import { kinds, type Resource } from "@leat/api";
import type { Deployment, PolicyRule } from "@leat/controller";

const read = ["get", "list", "watch"];

/** A ClusterRole for what the controller watches, a Role for its Lease, and two more if it applies objects. */
export function rolesOf({ name: controller, rules, appliesObjects }: Deployment): Record<string, unknown>[] {
  const name = `leat-${controller}`;
  const all = { apiGroups: ["*"], resources: ["*"] };
  const everything = [
    { ...all, verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ];
  return [
    role("ClusterRole", name, [
      ...kinds.filter(({ reconciledBy }) => reconciledBy === controller).flatMap(ownRules),
      ...rules,
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    ]),
    role("Role", name, [
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update", "patch"] },
    ]),
    ...(appliesObjects ? [role("ClusterRole", `${name}-apply`, everything)] : []),
    ...(appliesObjects ? [role("ClusterRole", `${name}-watch`, [{ ...all, verbs: read }])] : []),
  ];
}

function ownRules({ group, plural }: Resource): PolicyRule[] {
  return [
    { apiGroups: [group], resources: [plural], verbs: [...read, "patch", "update"] },
    { apiGroups: [group], resources: [`${plural}/status`], verbs: ["get", "patch", "update"] },
    { apiGroups: [group], resources: [`${plural}/finalizers`], verbs: ["update"] },
  ];
}

function role(kind: string, name: string, rules: readonly object[]): Record<string, unknown> {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name }, rules };
}
