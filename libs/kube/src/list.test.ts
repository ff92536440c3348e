import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { list } from "./list.ts";
import type { Transport } from "./transport.ts";
import { watch } from "./watch.ts";

const selection = { resource: core.ConfigMap };
const timing = { sessionMs: 60_000, stallMs: 10_000 };
const never = new AbortController().signal;

suite("a list is shaped as it comes", () => {
  test("page by page", async () => {
    const order: string[] = [];
    const { objects } = await list(pagesOf(["a", "b", "c"], order), {}, selection, { keep: kept(order) });
    assert.deepEqual(objects, ["a", "b", "c"]);
    assert.deepEqual(order, ["sent a", "kept a", "sent b", "kept b", "sent c", "kept c"]);
  });

  test("object by object, where it is the start of a watch", async () => {
    const order: string[] = [];
    const transport = streamOf(["a", "b", "c"], order);
    const parts = { transport, headers: {}, timing, list: () => assert.fail("the server streams its list") };
    const first = await watch(parts, selection, { signal: never, keep: kept(order) }).next();
    assert.deepEqual(first.value, { type: "listed", objects: ["a", "b", "c"], resourceVersion: "9" });
    assert.deepEqual(order, ["sent a", "kept a", "sent b", "kept b", "sent c", "kept c"]);
  });
});

function kept(order: string[]): (object: KubeObject) => string {
  return ({ metadata: { name } }) => {
    order.push(`kept ${name}`);
    return name;
  };
}

function objectNamed(name: string): object {
  return { metadata: { name, namespace: "default", resourceVersion: "1" } };
}

function pagesOf(names: readonly string[], order: string[]): Transport {
  const left = [...names];
  return transportOf({
    send: async () => {
      const name = left.shift() ?? assert.fail("there is no further page");
      order.push(`sent ${name}`);
      const metadata = { resourceVersion: "9", continue: left[0] };
      return { code: 200, text: JSON.stringify({ metadata, items: [objectNamed(name)] }) };
    },
  });
}

function streamOf(names: readonly string[], order: string[]): Transport {
  const annotations = { "k8s.io/initial-events-end": "true" };
  return transportOf({
    stream: async () =>
      (async function* events() {
        for (const name of names) {
          order.push(`sent ${name}`);
          yield lineOf("ADDED", objectNamed(name));
        }
        yield lineOf("BOOKMARK", { metadata: { resourceVersion: "9", annotations } });
      })(),
  });
}

function lineOf(type: string, object: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

function transportOf(part: Partial<Transport>): Transport {
  const unused = () => assert.fail("not called");
  return { send: unused, stream: unused, [Symbol.asyncDispose]: async () => {}, ...part };
}
