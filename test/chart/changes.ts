import type { KubeObject } from "@leat/api";

/**
 * What differs between two renderings, sorted: `+ Kind/name` and `- Kind/name` for whole objects, `+ Kind/name path=value` and
 * `- …` for their fields. What is in a list is named by its `name`, where it has one.
 */
export function changesBetween(before: readonly KubeObject[], after: readonly KubeObject[]): string[] {
  const [old, now] = [byId(before), byId(after)];
  const gone = [...old.keys()].filter((id) => !now.has(id)).map((id) => `- ${id}`);
  const made = [...now.keys()].filter((id) => !old.has(id)).map((id) => `+ ${id}`);
  const changed = [...now].flatMap(([id, object]) => {
    const former = old.get(id);
    return former === undefined ? [] : changedFields(former, object).map(([sign, line]) => `${sign} ${id} ${line}`);
  });
  return [...gone, ...made, ...changed].toSorted();
}

export function idOf({ kind, metadata: { name } }: KubeObject): string {
  return `${kind}/${name}`;
}

function byId(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [idOf(object), object]));
}

function changedFields(before: KubeObject, after: KubeObject): [sign: string, line: string][] {
  const [old, now] = [new Set(linesOf(before)), new Set(linesOf(after))];
  return [
    ...[...old.difference(now)].map((line): [string, string] => ["-", line]),
    ...[...now.difference(old)].map((line): [string, string] => ["+", line]),
  ];
}

function linesOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => linesOf(item, `${path}[${nameOf(item, index)}]`));
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0)
    return [`${path}=${typeof value === "string" ? value : JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => linesOf(inner, path === "" ? key : `${path}.${key}`));
}

function nameOf(item: unknown, index: number): string {
  if (typeof item === "string") return "";
  return (item as { name?: string } | null)?.name ?? String(index);
}
