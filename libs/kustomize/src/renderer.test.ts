import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { configMap, deployment, type Files, openWorkbench } from "../test/workbench.ts";
import { type RendererProcess, startRendererProcess } from "./renderer-process.ts";

const linux = process.platform === "linux";
const renderer = () => binary("kustomize-renderer");

suite("the renderer, asked behind the back of the checks of paths", () => {
  const kustomizations: Array<[how: string, fields: string]> = [
    ["an absolute path", "resources: [OUTSIDE]"],
    ["a path that leads out", "resources: [../../../../../../..OUTSIDE]"],
    ["an absolute directory", "resources: [DIRECTORY]"],
    ["a component", "components: [DIRECTORY]"],
    ["a generator of text", "configMapGenerator: [{name: g, files: [OUTSIDE]}]"],
    ["an environment file", "secretGenerator: [{name: g, envs: [/proc/self/environ]}]"],
    ["a patch", "resources: [cm.yaml]\npatches: [{path: OUTSIDE}]"],
    ["a transformer", "resources: [cm.yaml]\ntransformers: [OUTSIDE]"],
    ["a replacement", "resources: [cm.yaml]\nreplacements: [{path: OUTSIDE}]"],
    ["a schema", "resources: [cm.yaml]\nopenapi: {path: OUTSIDE}"],
    ["a file: URL", "resources: ['file://OUTSIDE']"],
    ["a repository on disk", "resources: ['git::file://DIRECTORY']"],
    ["an address", "resources: ['http://ADDRESS/a.yaml']"],
    ["a repository elsewhere", "resources: ['git::http://ADDRESS/repo']"],
    ["a chart", "helmCharts: [{name: c, repo: 'http://ADDRESS'}]"],
    [
      "a plugin that is a program",
      "resources: [cm.yaml]\ntransformers: ['{apiVersion: v1, kind: X, metadata: {name: x, annotations: {config.kubernetes.io/function: \"exec: {path: /bin/sh}\"}}}']",
    ],
  ];
  for (const [how, fields] of kustomizations) {
    test(`reaches nothing by ${how}`, async () => {
      await using place = await openWorkbench();
      await using server = await listen();
      const outside = join(place.directory, "outside.yaml");
      await writeFile(outside, configMap("cm", { secret: "hunter2" }));
      await writeFile(join(place.directory, "kustomization.yaml"), "resources: [outside.yaml]");
      await using asked = await started();
      const text = fields
        .replaceAll("OUTSIDE", outside)
        .replaceAll("DIRECTORY", place.directory)
        .replaceAll("ADDRESS", server.address);

      const reply = await asked.build(
        "app",
        contents({ "app/kustomization.yaml": text, "app/cm.yaml": configMap("cm") }),
      );

      assert.equal(reply.kind, "error", JSON.stringify(reply));
      assert.ok(!JSON.stringify(reply).includes("hunter2"));
      assert.equal(server.connections(), 0);
    });
  }
});

suite("the renderer's process", () => {
  test("is refused everything but its memory by the kernel", { skip: !linux }, async () => {
    await using asked = await started();
    const status = await readFile(`/proc/${asked.pid}/status`, "utf8");
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Seccomp:\s+2$/m);
    assert.equal(asked.greeting.sealed, true);
  });

  test("is used again, and ended when there is nothing to do", { skip: !linux }, async () => {
    await using bench = await openWorkbench({ idleMs: 300 });
    await bench.build({ "a.yaml": configMap("a") });
    const [first] = await renderersOf(process.pid);
    await bench.build({ "a.yaml": configMap("b") });
    assert.deepEqual(await renderersOf(process.pid), [first]);
    await eventually(async () => (await renderersOf(process.pid)).length === 0, { what: "the renderer to end" });
    assert.equal((await bench.build({ "a.yaml": configMap("c") })).kind, "built");
  });

  test("that dies is a fault of ours; the next build has another", { skip: !linux }, async () => {
    await using bench = await openWorkbench();
    await bench.build({ "a.yaml": configMap("a") });
    const many = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`${index}.yaml`, deployment(`d-${index}`, "x")]),
    );
    const [pid] = await renderersOf(process.pid);
    assert.ok(pid !== undefined);
    const before = await bytesReadBy(pid);
    const failed = assert.rejects(bench.build(many), { name: "Fault", reason: "BuildFailed" });
    await eventually(async () => (await bytesReadBy(pid)) > before, { what: "the renderer to be asked" });
    process.kill(pid, "SIGKILL");
    await failed;
    assert.equal((await bench.build({ "a.yaml": configMap("b") })).kind, "built");
  });

  test("keeps nothing of one build for the next: not its schema", async () => {
    const thing = (list: string) =>
      `apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a}\nspec: {list: [{name: ${list}}]}\n`;
    const list = {
      type: "array",
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge",
      items: { type: "object" },
    };
    const schema = {
      type: "object",
      properties: { spec: { type: "object", properties: { list } } },
      "x-kubernetes-group-version-kind": [{ group: "example.org", kind: "Thing", version: "v1" }],
    };
    const fields = "resources: [thing.yaml]\npatches: [{path: patch.yaml}]\n";
    const plain = { "app/kustomization.yaml": fields, "app/thing.yaml": thing("one"), "app/patch.yaml": thing("two") };
    const merging = {
      ...plain,
      "app/kustomization.yaml": `${fields}openapi: {path: schema.json}`,
      "app/schema.json": JSON.stringify({ definitions: { thing: schema } }),
    };
    await using asked = await started();
    const ask = async (files: Files) => {
      const reply = await asked.build("app", contents(files));
      assert.ok(reply.kind === "objects", JSON.stringify(reply));
      return reply.text.match(/one|two/g)?.toSorted();
    };
    assert.deepEqual([await ask(plain), await ask(merging), await ask(plain)], [["two"], ["one", "two"], ["two"]]);
  });
});

suite("what confines a build is told", () => {
  test("the sandbox, where there is one", { skip: !linux }, async () => {
    await using bench = await openWorkbench();
    assert.deepEqual(await bench.builder.confinement(), { by: "sandbox" });
  });

  test("checked paths, where there is no renderer, and where it cannot be started", async () => {
    await using without = await openWorkbench({ renderer: async () => undefined });
    assert.deepEqual(await without.builder.confinement(), { by: "paths", why: "there is no kustomize-renderer" });
    assert.equal((await without.build({ "a.yaml": configMap("a") })).kind, "built");
    await using broken = await openWorkbench({ renderer: async () => "/no/such/renderer" });
    const { by, why } = await broken.builder.confinement();
    assert.equal(by, "paths");
    assert.match(why ?? "", /\/no\/such\/renderer: ENOENT/);
    assert.equal((await broken.build({ "a.yaml": configMap("a") })).kind, "built");
  });
});

async function started(): Promise<RendererProcess & AsyncDisposable> {
  const process_ = await startRendererProcess(await renderer());
  return { ...process_, [Symbol.asyncDispose]: process_.stop };
}

function contents(files: Files): Array<{ path: string; content: Uint8Array }> {
  return Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) }));
}

async function listen() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

/** Processes of the renderer that this one has started. */
async function renderersOf(parent: number): Promise<number[]> {
  const children = (await readFile(`/proc/${parent}/task/${parent}/children`, "utf8"))
    .trim()
    .split(" ")
    .filter(Boolean);
  const names = await Promise.all(children.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return children.filter((_, index) => names[index]?.includes("kustomize-renderer")).map(Number);
}

async function bytesReadBy(pid: number): Promise<number> {
  const [, bytes] = /^rchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, "utf8")) ?? [];
  return Number(bytes);
}
