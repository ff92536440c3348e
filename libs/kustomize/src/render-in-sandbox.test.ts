import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createSandbox, SandboxError } from "@leat/sandbox";
import { eventually } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { configMap, deployment, endlessPatch, type Files, openWorkbench } from "../test/fixture.ts";
import { maxOutputBytes } from "./limits.ts";
import { renderInSandbox, requestFor } from "./render-in-sandbox.ts";
import type { Trace } from "./trace-state.ts";

const linux = process.platform === "linux";
const renderer = () => binary("kustomize-renderer");

suite("the renderer, without the checks of paths", () => {
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
      await using opened = await openRenderer();
      const text = fields
        .replaceAll("OUTSIDE", outside)
        .replaceAll("DIRECTORY", place.directory)
        .replaceAll("ADDRESS", server.address);

      const answer = await opened.ask({ "app/kustomization.yaml": text, "app/cm.yaml": configMap("cm") });

      assert.ok(answer.kind === "error");
      assert.ok(!answer.message.includes("hunter2"));
      assert.equal(server.connections(), 0);
    });
  }
});

suite("the renderer", () => {
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

  test("has a limit of memory", { skip: !linux }, async () => {
    await using bench = await openWorkbench({ maxMemoryBytes: 200 * 1024 ** 2 });
    const build = bench.build({
      "kustomization.yaml": "resources: [a.yaml]\npatches: [{target: {kind: ConfigMap}, path: p.yaml}]",
      "a.yaml": configMap("a", { one: "1" }),
      "p.yaml": endlessPatch,
    });
    await assert.rejects(build, {
      name: "Fault",
      isExhaustion: true,
      message: /kustomize needs more than 200 MiB of memory; split it$/,
    });
  });

  test("that runs out of memory for aliases is no fault: the file is named", { skip: !linux }, async () => {
    await using bench = await openWorkbench({ maxMemoryBytes: 200 * 1024 ** 2 });
    const lists = Array.from(
      { length: 12 },
      (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(10)}]`,
    );
    const build = await bench.build({ "bomb.yaml": `${configMap("bomb")}a0: &a0 [lol]\n${lists.join("\n")}\n` });
    assert.ok(build.kind === "rejected", JSON.stringify(build));
    assert.match(build.message, /^bomb\.yaml/);
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
    await using opened = await openRenderer();
    const ask = async (files: Files) => {
      const answer = await opened.ask(files);
      assert.ok(answer.kind === "answer");
      return answer.content
        .toString()
        .match(/one|two/g)
        ?.toSorted();
    };
    assert.deepEqual([await ask(plain), await ask(merging), await ask(plain)], [["two"], ["one", "two"], ["two"]]);
  });
});

suite("the state of the sandbox", () => {
  test("is sandboxed, where there is a sandbox", { skip: !linux }, async () => {
    await using bench = await openWorkbench();
    const state = await bench.builder.sandboxState();
    assert.equal(state.kind, "sandboxed");
  });

  test("is unavailable without a renderer; the kustomize binary builds", async () => {
    for (const [program, why] of [
      [undefined, /^the program was not found$/],
      ["/no/such/renderer", /\/no\/such\/renderer: ENOENT/],
    ] as const) {
      await using bench = await openWorkbench({ renderer: async () => program });
      const state = await bench.builder.sandboxState();
      assert.ok(state.kind === "unavailable");
      assert.match(state.why, why);
      assert.equal((await bench.build({ "a.yaml": configMap("a") })).kind, "built");
    }
  });
});

suite("a build that fails in the sandbox", () => {
  const failures: Array<[kind: SandboxError["kind"], error: object]> = [
    ["unavailable", { name: "Fault", reason: "BuildFailed", message: "kustomize could not be run to its end: oops" }],
    ["ended", { name: "Fault", reason: "BuildFailed", message: "kustomize could not be run to its end: oops" }],
    ["timeout", { name: "Fault", reason: "BuildFailed", isExhaustion: true, message: "build cancelled after 3s" }],
    ["output", { name: "Rejection", message: /^the manifests are larger than 64 MiB/ }],
    [
      "memory",
      {
        name: "Fault",
        isExhaustion: true,
        message: /^app cannot be built: kustomize needs more than 200 MiB of memory; split it$/,
      },
    ],
  ];
  test("is explained without what may be secret", async () => {
    const dump = `panic: no match for {"password":"${"hunter2".repeat(9)}"} from https://me:hunter2@example.org/x`;
    const sandbox = { request: () => Promise.reject(new SandboxError("ended", dump)) };
    const trace = { directory: "app", linked: new Set() } as Partial<Trace> as Trace;
    const options = { sandbox, timeoutMs: 3000, maxMemoryBytes: 2 ** 30, signal: AbortSignal.timeout(60_000) };
    await assert.rejects(renderInSandbox(trace, new Map(), options), {
      message: "kustomize could not be run to its end: panic: no match for {...} from https://example.org/x",
    });
  });

  for (const [kind, error] of failures) {
    test(`${kind} is explained`, async () => {
      const sandbox = { request: () => Promise.reject(new SandboxError(kind, "oops")) };
      const trace = { directory: "app", linked: new Set() } as Partial<Trace> as Trace;
      const options = {
        sandbox,
        timeoutMs: 3000,
        maxMemoryBytes: 200 * 1024 ** 2,
        signal: AbortSignal.timeout(60_000),
      };
      await assert.rejects(renderInSandbox(trace, new Map(), options), error);
    });
  }
});

async function openRenderer() {
  const sandbox = createSandbox({
    program: renderer,
    timeoutMs: 60_000,
    idleMs: 10_000,
    maxAnswerBytes: maxOutputBytes,
    maxMemoryBytes: 256 * 1024 ** 2,
  });
  return {
    ask: (files: Files) => sandbox.request(requestFor("app", contents(files)), AbortSignal.timeout(60_000)),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

function contents(files: Files): Array<{ path: string; content: Buffer }> {
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
