import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { fieldManager, openSetting, type Setting } from "../test/fixture.ts";
import { ApiError } from "./api-error.ts";
import { type ConfigData, type ConfigRef, readConfigData } from "./config-data.ts";
import type { Kube } from "./kube.ts";
import { withSharedReads } from "./shared-reads.ts";

const binary = Buffer.from([0xff, 0x00, 0xfe]);
const inBase64 = (value: string | Buffer) => Buffer.from(value).toString("base64");
const { signal } = new AbortController();

let setting: Setting;
const gets: string[] = [];
before(async () => {
  setting = await openSetting({ onRequest: ({ verb, code }) => void (verb === "get" && gets.push(String(code))) });
  await write("Secret", { data: { text: inBase64("ä"), binary: inBase64(binary), constructor: inBase64("own") } });
  await write("ConfigMap", { data: { text: "ä\n" }, binaryData: { binary: inBase64(binary), more: inBase64("b") } });
});
after(() => setting[Symbol.asyncDispose]());

async function write(kind: ConfigRef["kind"], fields: object, name = "one"): Promise<void> {
  const object: KubeObject = { apiVersion: "v1", kind, metadata: { namespace: setting.namespace, name }, ...fields };
  await setting.kube.apply(core[kind], object, { fieldManager, force: true });
}

const read = async (kind: ConfigRef["kind"], name = "one", kube: Pick<Kube, "get"> = setting.kube) =>
  readConfigData(kube, { kind, namespace: setting.namespace, name }, signal);

async function found(kind: ConfigRef["kind"], name?: string): Promise<ConfigData> {
  const answer = await read(kind, name);
  assert(answer.kind === "found");
  return answer.data;
}

suite("entries", () => {
  test("of a Secret are decoded, whatever they hold", async () => {
    const data = await found("Secret");
    assert.deepEqual([data.subject, data.isSecret], [`Secret/${setting.namespace}/one`, true]);
    assert.deepEqual(data.keys().toSorted(), ["binary", "constructor", "text"]);
    assert.deepEqual([data.text("text"), data.text("constructor"), data.text("binary")], ["ä", "own", undefined]);
    assert.deepEqual([data.bytes("text"), data.bytes("binary")], [Buffer.from("ä"), binary]);
  });

  test("of a ConfigMap are text or binary, and only the first are listed", async () => {
    const data = await found("ConfigMap");
    assert.deepEqual([data.subject, data.isSecret], [`ConfigMap/${setting.namespace}/one`, false]);
    assert.deepEqual(data.keys(), ["text"]);
    assert.deepEqual([data.text("text"), data.text("binary"), data.text("more")], ["ä\n", undefined, "b"]);
    assert.deepEqual([data.bytes("text"), data.bytes("binary")], [Buffer.from("ä\n"), binary]);
  });

  test("that are not there are undefined, also under the name of a property of every object", async () => {
    const data = await found("ConfigMap");
    for (const key of ["none", "constructor", "__proto__"]) {
      assert.deepEqual([data.bytes(key), data.text(key)], [undefined, undefined]);
    }
  });

  test("of an object that has none are none", async () => {
    await write("Secret", {}, "empty");
    assert.deepEqual((await found("Secret", "empty")).keys(), []);
  });

  test("have the same version until the object changes", async () => {
    const versions = new Set<string>();
    const note = async () => versions.add((await found("ConfigMap", "changing")).version).size;
    await write("ConfigMap", { data: { a: "1" } }, "changing");
    assert.deepEqual([await note(), await note()], [1, 1]);
    await write("ConfigMap", { data: { a: "2" } }, "changing");
    assert.equal(await note(), 2);
  });
});

suite("an answer, and not an error, is", () => {
  test("that the object does not exist", async () => {
    assert.deepEqual(await read("Secret", "none"), { kind: "missing", subject: `Secret/${setting.namespace}/none` });
  });

  test("that it may not be read, with the right that is missing", async () => {
    const answer = await read("Secret", "one", setting.kube.impersonate("nobody"));
    assert(answer.kind === "forbidden");
    assert.equal(answer.subject, `Secret/${setting.namespace}/one`);
    assert.match(answer.message, /User "nobody" cannot get resource "secrets" in API group "" in the namespace/);
  });

  test("no other failure", async () => {
    const failure = new ApiError(500, "InternalError", "etcd is away");
    await assert.rejects(read("Secret", "one", { get: () => Promise.reject(failure) }), failure);
  });
});

test("what many read at the same time is one request, also where it is forbidden", async () => {
  for (const kube of [setting.kube, setting.kube.impersonate("nobody")]) {
    const shared = withSharedReads(kube);
    gets.length = 0;
    const answers = await Promise.all([1, 2, 3].map(async () => read("Secret", "one", shared)));
    assert.equal(new Set(answers.map(({ kind }) => kind)).size, 1);
    assert.equal(gets.length, 1);
  }
});
