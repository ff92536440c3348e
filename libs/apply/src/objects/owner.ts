import { type ObjectMeta, ownerNamespaceLabel, ownerNameLabel } from "@leat/api";

/** The custom resource whose run applies objects. */
export interface Owner {
  name: string;
  namespace: string;
}

/** What the owner's labels on an object say, as one text. */
export function ownerKey({ name, namespace }: Owner): string {
  return `${namespace}/${name}`;
}

export function ownerOfKey(key: string): Owner {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function ownerLabels(group: string, { name, namespace }: Owner): Record<string, string> {
  return { [ownerNameLabel(group)]: name, [ownerNamespaceLabel(group)]: namespace };
}

/** {@link ownerKey} of whom the labels name; `undefined` where one of them is missing. */
export function labelledOwner(group: string, { labels }: ObjectMeta): string | undefined {
  const name = labels?.[ownerNameLabel(group)];
  const namespace = labels?.[ownerNamespaceLabel(group)];
  return name === undefined || namespace === undefined ? undefined : ownerKey({ name, namespace });
}
