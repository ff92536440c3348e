import { isDeepStrictEqual } from "node:util";
import { type KubeObject, ownerNamespaceLabel, ownerNameLabel } from "@leat/api";
import { parseJson } from "@leat/json";
import { isRecord } from "./json-edit.ts";
import type { Path } from "./ignore-rules.ts";
import { type FieldSet, isKeyOf, ownFieldNames, partOf } from "./field-set.ts";
import { type Holdings, holdingsOf } from "./field-ownership.ts";
import type { LiveRules } from "../watch/sync-state.ts";
import type { Item } from "../run/run.ts";
import { eitherOf, type ObjectPolicies, objectPoliciesOf } from "../objects/object-policies.ts";

/** One place in an object: what is declared there, what is there now, and whose that is. */
interface Here extends Holdings {
  declared: unknown;
  live: unknown;
}

/**
 * What is sent of an object that exists already and leaves fields to others: at each of those paths what is there now, as
 * far as nobody else owns it. What others own is not sent: server-side apply then leaves it to them. What only we own has to
 * be sent, or it would be removed.
 *
 * @param live whole
 */
export function leaveIgnored(rules: LiveRules, { object, ignored, policies }: Leaving, live: KubeObject): KubeObject {
  if (ignored.length === 0) return object;
  const left = leaveAll(object, live, holdingsNow(rules, policies, live), ignored);
  return withIdentity(rules.ownerGroup, left as Partial<KubeObject>, object);
}

/**
 * Whether we own something at the ignored paths: what {@link leaveIgnored} gives must then not be sent to any other version of
 * the object, or it might put back what others change meanwhile.
 */
export function ownsIgnored(rules: LiveRules, { object, ignored, policies }: Leaving, live: KubeObject): boolean {
  const { ours } = holdingsNow(rules, policies, live);
  const leaving = (holdings: Holdings) => leaveAll(object, live, holdings, ignored);
  return !isDeepStrictEqual(leaving({ ours, others: undefined }), leaving({ ours: undefined, others: undefined }));
}

function holdingsNow(rules: LiveRules, policies: ObjectPolicies, live: KubeObject): Holdings {
  return holdingsOf(rules, live, !eitherOf(policies, objectPoliciesOf(rules.ownerGroup, live.metadata)).merged);
}

function leaveAll(object: KubeObject, live: KubeObject, holdings: Holdings, paths: readonly Path[]): unknown {
  return paths.reduce<unknown>((declared, path) => leave({ ...holdings, declared, live }, path), object);
}

type Leaving = Pick<Item, "object" | "ignored" | "policies">;

/** No path takes an object its name, or the labels of its owner. */
function withIdentity(
  group: string,
  left: Partial<KubeObject>,
  { apiVersion, kind, metadata }: KubeObject,
): KubeObject {
  const { name, namespace, labels = {} } = metadata;
  const owner = [ownerNameLabel(group), ownerNamespaceLabel(group)].map((label) => [label, labels[label]] as const);
  const identity = {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: { ...left.metadata?.labels, ...Object.fromEntries(owner) } as Record<string, string>,
  };
  return { ...left, apiVersion, kind, metadata: { ...left.metadata, ...identity } };
}

/** @returns `undefined` where nothing is to be sent */
function leave(here: Here, path: Path): unknown {
  const { declared, live, ours, others } = here;
  const [step, ...rest] = path;
  if (step === undefined) return onlyOurs(live, ours, others);
  if (isComplete(ours, others)) return isOthers(here) ? undefined : asLive(declared, live, path);
  if (Array.isArray(declared)) return leaveItem(here, declared, Number(step), rest);
  const next = leave(
    {
      declared: fieldOf(declared, step),
      live: fieldOf(live, step),
      ours: partOf(ours, `f:${step}`),
      others: partOf(others, `f:${step}`),
    },
    rest,
  );
  return withField(declared, step, next);
}

/** An item that is not there yet is declared as a whole. */
function leaveItem(
  { declared, live, ours, others }: Here,
  items: readonly unknown[],
  index: number,
  rest: Path,
): unknown {
  const item: unknown = items[index];
  const key = [...ownFieldNames(ours), ...ownFieldNames(others)].find((name) => isKeyOf(name, item));
  const liveItem: unknown =
    Array.isArray(live) && key !== undefined ? live.find((one) => isKeyOf(key, one)) : undefined;
  if (key === undefined || liveItem === undefined) return declared;
  const here = { declared: item, live: liveItem, ours: partOf(ours, key), others: partOf(others, key) };
  const next = leave(here, rest);
  return next === undefined ? items.toSpliced(index, 1) : items.with(index, next);
}

/** Below, single fields have no owners: who sends one sends all. */
function asLive(declared: unknown, live: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return live;
  if (!Array.isArray(declared))
    return withField(declared, step, asLive(fieldOf(declared, step), fieldOf(live, step), rest));
  const index = Number(step);
  if (declared[index] === undefined || !Array.isArray(live) || live[index] === undefined) return declared;
  return declared.with(index, asLive(declared[index], live[index], rest));
}

/** Of what is there, what we own and nobody else does; `undefined` where that is nothing. */
function onlyOurs(live: unknown, ours: FieldSet | undefined, others: FieldSet | undefined): unknown {
  if (live === undefined || ours === undefined) return undefined;
  const names = ownFieldNames(ours);
  if (names.length === 0) return others === undefined ? live : undefined;
  if (isRecord(live)) {
    const fields = names.flatMap((name): Array<[string, unknown]> => {
      const field = name.slice(2);
      const value = onlyOurs(fieldOf(live, field), partOf(ours, name), partOf(others, name));
      return value === undefined ? [] : [[field, value]];
    });
    return fields.length === 0 ? undefined : Object.fromEntries(fields);
  }
  return Array.isArray(live) ? onlyOurItems(live, ours, others) : undefined;
}

function onlyOurItems(live: readonly unknown[], ours: FieldSet, others: FieldSet | undefined): unknown {
  const items = live.flatMap((item): unknown[] => {
    const key = ownFieldNames(ours).find((name) => isKeyOf(name, item));
    const value = key === undefined ? undefined : onlyOurs(item, partOf(ours, key), partOf(others, key));
    if (key === undefined || value === undefined) return [];
    // An item is found by its key, regardless of its owner.
    return [isRecord(value) ? { ...(parseJson(key.slice(2)) as object), ...value } : value];
  });
  return items.length === 0 ? undefined : items;
}

/** It is not declared, and not ours alone: to send a part of it would take all of it from its owner. */
function isOthers({ declared, ours, others }: Here): boolean {
  return declared === undefined && (others !== undefined || ours === undefined);
}

/** It has owners, and nothing within it has owners of its own. */
function isComplete(...sets: ReadonlyArray<FieldSet | undefined>): boolean {
  const owning = sets.filter((set) => set !== undefined);
  return owning.length > 0 && owning.every((set) => Object.keys(set).length === 0);
}

function fieldOf(whole: unknown, field: string): unknown {
  return isRecord(whole) && Object.hasOwn(whole, field) ? whole[field] : undefined;
}

function withField(whole: unknown, field: string, value: unknown): unknown {
  if (!isRecord(whole)) return value === undefined ? whole : { [field]: value };
  const { [field]: before, ...others } = whole;
  if (value === undefined) return before === undefined ? whole : others;
  return { ...whole, [field]: value };
}
