import {
  type GroupKind,
  isSameKind,
  keyOfKind,
  type KubeObject,
  type ReferenceRole,
  type ResourceDefinition,
} from "@leat/api";
import type { Change, Selection } from "@leat/kube";
import { type CommonConfig, watchedNamespace } from "../common-flags.ts";
import type { ObjectKey, Setup } from "../definition.ts";
import type { Trigger } from "../trigger.ts";
import { type Find, finderOf } from "./finder.ts";
import { createReferenceIndex } from "./reference-index.ts";

/** A kind that objects refer to, and the changes of it that trigger a reconciliation of those objects. */
export interface ReferenceWatch extends Omit<Selection, "namespace"> {
  /** The references that count. */
  role: ReferenceRole;
  /**
   * Whether the change of an object concerns one that refers to it; every change does where it is absent.
   *
   * @param referrer as it is known now
   */
  concerns?: (change: Change<KubeObject>, referrer: KubeObject | undefined) => boolean;
  /** What the reconciliations are triggered by; the role where it is absent. */
  trigger?: (change: Change<KubeObject>) => Trigger;
  /** The kind need not be served: it is watched from the first lookup on. */
  isOptional?: boolean;
  /** Called for every change of the kind, whether anything refers to the object or not. */
  onChange?: (change: Change<KubeObject>) => void;
}

export interface WatchedReferences {
  /**
   * An object that is referred to, as it is known now: from the watch, or read from the API server where it is outside of what
   * the program watches.
   */
  find: (kind: GroupKind, namespace: string, name: string) => Promise<KubeObject | undefined>;
  /** The `onChange` of the referring kind's definition. */
  onChange: (change: Change<KubeObject>) => void;
}

/** Watches what objects of a kind refer to, and enqueues them when a change concerns them. */
export function watchReferences<Config extends CommonConfig>(
  setup: Setup<Config>,
  kind: ResourceDefinition,
  watches: readonly ReferenceWatch[],
): WatchedReferences {
  const own = setup.objects(kind);
  const index = createReferenceIndex(kind.referencesOf);

  function enqueueReferrers(watched: ReferenceWatch, change: Change<KubeObject>): void {
    const { resource, role, concerns, trigger } = watched;
    const changed = change.after ?? change.before;
    if (changed === undefined) return;
    const { namespace = "", name } = changed.metadata;
    for (const referrer of index.referrersTo({ role, group: resource.group, kind: resource.kind, namespace, name })) {
      if (concerns?.(change, stored(referrer)) ?? true) setup.enqueue(kind, referrer, trigger?.(change) ?? role);
    }
  }

  const stored = ({ namespace, name }: ObjectKey) => own.get(namespace, name);
  const isOwn = ({ resource }: ReferenceWatch) => isSameKind(resource, kind);
  const finders = new Map<string, Find>([[keyOfKind(kind), finderOf(setup, { own: kind })]]);
  for (const watched of watches) {
    if (isOwn(watched)) continue;
    const { isOptional = false, ...selected } = selectionOf(watched);
    const onChange = (change: Change<KubeObject>) => {
      watched.onChange?.(change);
      enqueueReferrers(watched, change);
    };
    const selection = { ...selected, namespace: watchedNamespace(setup.config) };
    finders.set(keyOfKind(selected.resource), finderOf(setup, { selection, isOptional, onChange }));
  }
  return {
    find: async (target, namespace, name) => finders.get(keyOfKind(target))?.(namespace, name),
    onChange: (change) => {
      index.changed(change);
      for (const watched of watches.filter(isOwn)) enqueueReferrers(watched, change);
    },
  };
}

function selectionOf({
  role: _role,
  concerns: _concerns,
  trigger: _trigger,
  onChange: _onChange,
  ...rest
}: ReferenceWatch) {
  return rest;
}
