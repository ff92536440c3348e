/** Which object of a resource; the metadata of one will do. */
export interface Place {
  namespace?: string | undefined;
  name: string;
}

export function keyOf({ namespace = "", name }: Place): string {
  return `${namespace}/${name}`;
}

export function placeOfKey(key: string): Place {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash) || undefined, name: key.slice(slash + 1) };
}
