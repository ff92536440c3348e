import { Fault } from "@leat/api";

/** The object that artifacts belong to; decides their directory. */
export interface ArtifactOwner {
  kind: string;
  namespace: string;
  name: string;
}

/**
 * `<kind, lowercase>/<namespace>/<name>`, relative to the storage.
 *
 * @throws Fault `InvalidPath`
 */
export function directoryOf({ kind, namespace, name }: ArtifactOwner): string {
  return [kind.toLowerCase(), namespace, name].map(safeName).join("/");
}

/** @throws Fault `InvalidPath` */
export function safeName(name: string): string {
  if (!isSafeName(name)) throw new Fault("InvalidPath", `${JSON.stringify(name)} is not a valid file name`);
  return name;
}

export function isSafeName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._:@+-]*$/.test(name);
}
