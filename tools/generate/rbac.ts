import { GitRepository, Kustomization, type Resource } from "@leat/api";

/** What a controller may do in the cluster, as data. */
interface Controller {
  readonly name: string;
  /** Kinds whose objects it reconciles. */
  readonly reconciles: readonly Resource[];
  readonly rules: readonly Rule[];
  /**
   * Applies whatever a source declares, so that it needs every right. Where it does so as tenants' accounts alone, that role
   * can be left out, and one that only shows what has become of applied objects be had in its place.
   */
  readonly applies: boolean;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const read = ["get", "list", "watch"];

export const controllers: readonly Controller[] = [
  {
    name: "source-controller",
    reconciles: [GitRepository],
    rules: [
      { apiGroups: [""], resources: ["secrets", "serviceaccounts"], verbs: ["get"] },
      { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
    ],
    applies: false,
  },
  {
    name: "kustomize-controller",
    reconciles: [Kustomization],
    rules: [
      {
        apiGroups: [GitRepository.group],
        resources: ["buckets", "externalartifacts", GitRepository.plural, "ocirepositories"],
        verbs: read,
      },
      { apiGroups: ["helm.toolkit.fluxcd.io"], resources: ["helmreleases"], verbs: read },
      { apiGroups: [""], resources: ["configmaps", "secrets"], verbs: read },
      { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
      // Not users and groups: who may impersonate those is the administrator.
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "impersonate"] },
    ],
    applies: true,
  },
];

/** A ClusterRole for what the controller watches, a Role for its Lease, and where it applies things those for all. */
export function rolesOf(controller: Controller): Record<string, unknown>[] {
  const name = `leat-${controller.name}`;
  const all = { apiGroups: ["*"], resources: ["*"] };
  const everything = [
    { ...all, verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ];
  return [
    role("ClusterRole", name, [
      ...controller.reconciles.flatMap(ownRules),
      ...controller.rules,
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    ]),
    role("Role", name, [
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update", "patch"] },
    ]),
    ...(controller.applies ? [role("ClusterRole", `${name}-apply`, everything)] : []),
    ...(controller.applies ? [role("ClusterRole", `${name}-watch`, [{ ...all, verbs: read }])] : []),
  ];
}

function ownRules({ group, plural }: Resource): Rule[] {
  return [
    { apiGroups: [group], resources: [plural], verbs: [...read, "patch", "update"] },
    { apiGroups: [group], resources: [`${plural}/status`], verbs: ["get", "patch", "update"] },
    { apiGroups: [group], resources: [`${plural}/finalizers`], verbs: ["update"] },
  ];
}

function role(kind: string, name: string, rules: readonly object[]): Record<string, unknown> {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name }, rules };
}
