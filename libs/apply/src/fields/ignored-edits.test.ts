/**
 * Regardless of how an object was changed: an apply changes nothing at an ignored path, and corrects all other declared
 * fields. `LEAT_SEED` repeats a run, `LEAT_ROUNDS` makes it longer.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@leat/api";
import { eventually, type Random, randomFrom } from "@leat/testing";
import { openSetting, type Setting } from "../../test/fixture.ts";
import { isRecord } from "./json-edit.ts";

const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env["LEAT_ROUNDS"] ?? 4);
const steps = 12;

// Paths into the declared object. Its containers and their variables are found by their names.
const paths = [
  "/metadata/annotations/note",
  "/template/metadata/labels/tier",
  "/template/spec/nodeSelector",
  "/template/spec/nodeSelector/disk",
  "/template/spec/terminationGracePeriodSeconds",
  "/template/spec/containers/0/image",
  "/template/spec/containers/0/args",
  "/template/spec/containers/1/resources",
  "/template/spec/containers/1/env/0/value",
  "/template/spec/containers/1/env",
];

/** Every value is a choice of its own. */
function template(namespace: string, random: Random): KubeObject {
  const value = () => String(random.below(3));
  const container = (name: string) => ({
    name,
    image: `example.org/${name}:${value()}`,
    args: [value(), value()],
    env: [
      { name: "A", value: value() },
      { name: "B", value: value() },
    ],
    resources: { limits: { cpu: `${1 + random.below(3)}` } },
  });
  return {
    apiVersion: "v1",
    kind: "PodTemplate",
    metadata: { name: "web", namespace, annotations: { note: value(), other: value() } },
    template: {
      metadata: { labels: { app: "web", tier: value() } },
      spec: {
        containers: [container("app"), container("log")],
        nodeSelector: { disk: value(), zone: value() },
        terminationGracePeriodSeconds: random.below(3),
      },
    },
  };
}

suite("an apply that leaves fields to others", { concurrency: 2 }, () => {
  for (let round = 0; round < rounds; round++) {
    test(`changes nothing at them after random edits, round ${round} of LEAT_SEED=${seed}`, async () => {
      await using setting = await openSetting();
      const random = randomFrom(seed + round);
      const ignored = paths.filter(() => random.below(3) === 0);
      let declared = template(setting.namespace, random);
      const apply = async () => setting.apply([declared], { ignore: [{ paths: ignored }] });
      await apply();
      const done: string[] = [`ignoring ${ignored.join()}`];
      for (let step = 0; step < steps; step++) {
        done.push(await editAtRandom(setting, random));
        if (random.below(2) === 0) declared = template(setting.namespace, random);
        const before = await setting.read("PodTemplate", "web");
        const after = await corrected(setting, apply, { declared, ignored }).catch((cause: Error) => {
          throw new Error(`${cause.message}\n${done.join("\n")}`, { cause });
        });
        for (const path of ignored) {
          assert.deepEqual(
            valueAt(after, declared, path),
            valueAt(before, declared, path),
            `${path}\n${done.join("\n")}`,
          );
        }
      }
    });
  }
});

/** Somebody writes some other values, as an editor, as kubectl or as an applier. */
async function editAtRandom({ kube, namespace, edit }: Setting, random: Random): Promise<string> {
  const theirs = template(namespace, random);
  const manager = random.pick(["kubectl-edit", "somebody", "scaler"]);
  const part = partOf(theirs, random);
  if (manager === "scaler") {
    const resource = await kube.resourceOf("v1", "PodTemplate");
    assert.ok(resource);
    await kube.apply(resource, part, { fieldManager: manager, force: true });
  } else await edit(theirs, part, manager);
  return `${manager}: ${JSON.stringify(part)}`;
}

function partOf({ metadata, template: whole, ...object }: KubeObject, random: Random): KubeObject {
  const { name, namespace = "", annotations = {} } = metadata;
  const { metadata: labelled, spec } = whole as { metadata: object; spec: { containers: object[] } };
  const { containers, ...others } = spec;
  const chosen = {
    // An applier may leave out what it does not care for; the server wants containers to be whole.
    ...(random.below(2) === 0 && { metadata: labelled }),
    spec: random.below(2) === 0 ? { containers } : { containers, ...others },
  };
  const note = random.below(2) === 0 ? { annotations } : {};
  return { ...object, metadata: { name, namespace, ...note }, template: chosen };
}

interface Applying {
  declared: KubeObject;
  ignored: readonly string[];
}

/** The watch may be late, so that an edit is seen by the next apply only. */
async function corrected(
  setting: Setting,
  apply: () => Promise<unknown>,
  { declared, ignored }: Applying,
): Promise<KubeObject> {
  let wrong: string | undefined;
  const isRight = async () => {
    await apply();
    const live = await setting.read("PodTemplate", "web");
    wrong = leavesOf(declared).find(
      (path) =>
        !ignored.some((one) => `${path}/`.startsWith(`${one}/`)) &&
        !isDeepStrictEqual(valueAt(live, declared, path), valueAt(declared, declared, path)),
    );
    return wrong === undefined ? live : undefined;
  };
  return eventually(isRight, { what: "all declared fields to be corrected", timeoutMs: 5_000 }).catch(
    (cause: Error) => {
      throw new Error(`${cause.message}: ${wrong} is wrong`, { cause });
    },
  );
}

/** Items with a name are found by that of the declared one. */
function valueAt(whole: unknown, declared: unknown, path: string): unknown {
  return valueIn(whole, declared, path.slice(1).split("/"));
}

function valueIn(part: unknown, declared: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return part;
  if (Array.isArray(declared)) {
    const item: unknown = declared[Number(step)];
    const items: unknown[] = Array.isArray(part) ? part : [];
    return valueIn(
      items.find((one) => isRecord(one) && isRecord(item) && one["name"] === item["name"]),
      item,
      rest,
    );
  }
  const field = (whole: unknown) => (isRecord(whole) ? whole[step] : undefined);
  return valueIn(field(part), field(declared), rest);
}

function leavesOf(part: unknown, path = ""): string[] {
  // Arguments have one owner as a whole.
  if (Array.isArray(part) && isRecord(part[0]))
    return part.flatMap((item, index) => leavesOf(item, `${path}/${index}`));
  if (!isRecord(part)) return [path];
  return Object.entries(part).flatMap(([field, value]) => leavesOf(value, `${path}/${field}`));
}
