import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Fault } from "@leat/api";
import { configMap, openWorkbench, type Workbench } from "../test/fixture.ts";

for (const by of ["renderer", "binary"] as const) {
  suite(`a build by the ${by} ends`, () => {
    test("when it is cancelled, and leaves nothing behind", async () => {
      await using bench = await openStalling(by);
      const controller = new AbortController();
      const building = bench.build(controller.signal);
      await bench.started(1);
      controller.abort(new Error("overtaken"));
      await assert.rejects(building, /overtaken/);
      await until(async () => (await bench.leftovers()).length === 0);
    });

    test("when it waits for its turn and is cancelled", async () => {
      await using bench = await openStalling(by, { maxConcurrent: 1 });
      const first = bench.build(AbortSignal.timeout(60_000));
      await bench.started(1);
      const controller = new AbortController();
      const second = bench.build(controller.signal, { targetNamespace: "x" });
      controller.abort(new Error("overtaken"));
      await assert.rejects(second, /overtaken/);
      assert.equal(await bench.count(), 1);
      await bench[Symbol.asyncDispose]();
      await assert.rejects(first, /closed/);
    });

    test("when it takes too long", async () => {
      await using bench = await openStalling(by, { timeoutMs: 300 });
      const building = bench.build(AbortSignal.timeout(60_000));
      await assert.rejects(
        building,
        (error) => error instanceof Fault && error.reason === "BuildFailed" && /0\.3s/.test(error.message),
      );
    });

    test("when the builder is closed", async () => {
      const bench = await openStalling(by);
      const building = bench.build(AbortSignal.timeout(60_000));
      await bench.started(1);
      const closing = bench[Symbol.asyncDispose]();
      await assert.rejects(building, /the builder was closed/);
      await closing;
    });

    test("only when others have: no more programs run at a time than permitted", async () => {
      await using bench = await openStalling(by, { maxConcurrent: 2 });
      const controller = new AbortController();
      const builds = ["a", "b", "c", "d"].map((targetNamespace) => bench.build(controller.signal, { targetNamespace }));
      await bench.started(2);
      await setTimeout(100);
      assert.equal(await bench.count(), 2);
      controller.abort(new Error("enough"));
      await Promise.allSettled(builds);
    });

    test("not while others wait: it gives them its place, and is ended where more take long than permitted", async () => {
      await using bench = await openStalling(by, { maxConcurrent: 1, patienceMs: 50 });
      const controller = new AbortController();
      const start = (targetNamespace: string) => bench.build(controller.signal, { targetNamespace });
      const first = start("a");
      await bench.started(1);
      const [second, third] = [start("b"), start("c")];
      await assert.rejects(
        second,
        (error) =>
          error instanceof Fault &&
          error.reason === "BuildFailed" &&
          /because other builds were waiting/.test(error.message),
      );
      await bench.started(3);
      controller.abort(new Error("enough"));
      for (const other of [first, third]) await assert.rejects(other, /enough/);
    });
  });
}

test("a build goes on for those who still wait for it", async () => {
  await using bench = await openWorkbench({ renderer: async () => undefined });
  const source = bench.repository({ "a.yaml": configMap("a") });
  const controller = new AbortController();
  const given = bench.builder.build({ files: source, path: "", overlay: {} }, controller.signal);
  const kept = bench.builder.build({ files: source, path: "", overlay: {} }, AbortSignal.timeout(60_000));
  await until(async () => (await bench.leftovers()).length > 0);
  controller.abort(new Error("overtaken"));
  await assert.rejects(given, /overtaken/);
  assert.equal((await kept).kind, "built");
});

test("a program that is not there is a fault of ours, not of the files", async () => {
  await using bench = await openWorkbench({ kustomize: "/no/such/kustomize", renderer: async () => undefined });
  await assert.rejects(bench.build({ "a.yaml": configMap("a") }), { name: "Fault", reason: "BuildFailed" });
});

/** With which the stalling renderer starts: kind 0, a body of 35 bytes and no content. */
const greeting = String.raw`printf '\0\0\0\0\043\0\0\0\0{"sandboxed":true,"version":"none"}'`;

/** A workbench whose program says that it is there and then, asked to build, does not come to an end. */
async function openStalling(by: "renderer" | "binary", options: Parameters<typeof openWorkbench>[0] = {}) {
  let program = "";
  const path = async () => program;
  const found = by === "binary" ? { kustomize: path, renderer: async () => undefined } : { renderer: path };
  const bench: Workbench = await openWorkbench({ ...found, ...options });
  const log = join(bench.directory, "started");
  const asked = by === "binary" ? '[ "$1" = version ] && { echo v0; exit; }' : `${greeting}; head -c 4 >/dev/null`;
  const text = `#!/bin/sh\n${asked}\necho >> ${log}\nexec /bin/sleep 60\n`;
  program = join(bench.directory, "stalling");
  await writeFile(log, "");
  await writeFile(program, text, { mode: 0o700 });
  const source = bench.repository({ "a.yaml": configMap("a") });
  const count = async () => (await readFile(log, "utf8")).length;
  return {
    leftovers: bench.leftovers,
    build: (signal: AbortSignal, overlay = {}) => bench.builder.build({ files: source, path: "", overlay }, signal),
    count,
    started: (programs: number) => until(async () => (await count()) >= programs),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, "waited for 10 seconds");
    await setTimeout(5);
  }
}
