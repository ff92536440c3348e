import {
  type ResourceDefinition,
  eventAnnotationPrefix,
  finalizer,
  Kustomization,
  type ObjectPolicy,
  objectPolicyKey,
  ObjectPolicyValue,
  ownerNameLabel,
  ownerNamespaceLabel,
  requestedAtAnnotation,
  shardLabel,
  watchLabel,
  watchLabelValue,
} from "@leat/api";

/** Annotations and labels of one sort. */
interface Markers {
  readonly title: string;
  readonly intro: string;
  readonly rows: readonly { readonly key: string; readonly effect: string }[];
}

/** The annotations, labels and finalizers that matter to a kind. */
export function markersOf(definition: ResourceDefinition): Markers[] {
  return [
    onTheObject(definition),
    ...(definition.kind === Kustomization.kind ? [onAppliedObjects, onConfiguration] : []),
  ];
}

function onTheObject({ kind }: ResourceDefinition): Markers {
  return {
    title: "Annotations and labels",
    intro: `Set on the ${kind} itself.`,
    rows: [
      {
        key: requestedAtAnnotation,
        effect:
          "Annotation: any new value asks for a run now; the value is copied to `status.lastHandledReconcileAt` when the run ends.",
      },
      {
        key: `${eventAnnotationPrefix}<key>`,
        effect: "Annotation: goes into the metadata of every event about the object.",
      },
      { key: shardLabel, effect: "Label: which shard of controllers the object belongs to, where there are several." },
      {
        key: finalizer,
        effect: "Finalizer: set by the controller, and taken away when it has cleaned up after a deletion.",
      },
    ],
  };
}

const { disabled, enabled, ignore, ifNotPresent, merge } = ObjectPolicyValue;
const policy = (name: ObjectPolicy, value: string) => `${objectPolicyKey(Kustomization.group, name)}: ${value}`;

const onAppliedObjects: Markers = {
  title: "On applied objects",
  intro:
    "The first two are labels that the controller sets. The others are for you to set, in the source or in the cluster, as label or annotation.",
  rows: [
    { key: ownerNameLabel(Kustomization.group), effect: "Name of the Kustomization that applied the object." },
    {
      key: ownerNamespaceLabel(Kustomization.group),
      effect: "Namespace of the Kustomization that applied the object.",
    },
    {
      key: policy("reconcile", disabled),
      effect: "The object is neither applied, pruned nor checked for health.",
    },
    { key: policy("ssa", ignore), effect: "The same." },
    {
      key: policy("ssa", ifNotPresent),
      effect: "The object is created where it is absent, and never changed.",
    },
    { key: policy("ssa", merge), effect: "Fields that others set on the object with kubectl stay." },
    {
      key: policy("prune", disabled),
      effect: "The object stays when it leaves the source or the Kustomization is deleted.",
    },
    {
      key: policy("force", enabled),
      effect: "The object is deleted and created again where an immutable field changed.",
    },
    { key: policy("substitute", disabled), effect: "Variables in the object are left as they are." },
    { key: policy("decrypt", disabled), effect: "Encrypted data is left as it is (annotation only)." },
  ],
};

const onConfiguration: Markers = {
  title: "On ConfigMaps and Secrets",
  intro: "Set on what a Kustomization refers to.",
  rows: [
    {
      key: `${watchLabel}: ${watchLabelValue}`,
      effect: "Label: a change of the object starts a run at once instead of at the next interval.",
    },
  ],
};
