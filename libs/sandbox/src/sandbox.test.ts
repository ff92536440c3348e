import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { eventually } from "@leat/testing";
import { exists, openProbe } from "../test/probe.ts";
import { createSandbox } from "./sandbox.ts";

suite("a request", () => {
  test("is answered with what the program makes of its content", async () => {
    await using probe = openProbe();
    const content = [Buffer.from("hello "), Buffer.alloc(500_000, "x")];
    const answer = await probe.tell({ do: "echo" }, { content });
    assert.deepEqual(answer, { kind: "answer", content: Buffer.concat(content) });
  });

  test("may be answered with an error, also for a panic and for log.Fatal; the process goes on", async () => {
    await using probe = openProbe();
    const pid = await probe.pid();
    assert.deepEqual(await probe.tell({ do: "fail", with: "no such chart" }), {
      kind: "error",
      message: "no such chart",
    });
    assert.deepEqual(await probe.tell({ do: "panic", with: "nil map" }), { kind: "error", message: "panic: nil map" });
    const fatal = { kind: "error", message: "panic: impossible: no directory" };
    assert.deepEqual(await probe.tell({ do: "fatal", with: "no directory" }), fatal);
    assert.equal(await probe.pid(), pid);
  });

  test("is not disturbed by what the program prints", async () => {
    await using probe = openProbe();
    await probe.tell({ do: "print", with: "# Warning: deprecated" });
    assert.deepEqual(await probe.tell({ do: "echo" }, { content: [Buffer.from("x")] }), {
      kind: "answer",
      content: Buffer.from("x"),
    });
  });

  test("has a process of its own among those at the same time", async () => {
    await using probe = openProbe();
    const pids = await Promise.all([probe.pid(), probe.pid(), probe.pid()]);
    assert.equal(new Set(pids).size, 3);
  });
});

suite("a request fails, and the next one gets a new process", () => {
  const failures: Array<[how: string, command: { do: string; with?: string; bytes?: number }, error: object]> = [
    [
      "when the program exits",
      { do: "exit" },
      { kind: "ended", message: /ended before it responded \(exit code 3\)$/ },
    ],
    ["when it crashes", { do: "crash", with: "nil map" }, { kind: "ended", message: /\(exit code 2\): nil map/ }],
    ["when it takes too long", { do: "hang" }, { kind: "timeout" }],
    ["when its answer is too large", { do: "answer", bytes: 1_000_001 }, { kind: "output" }],
    ["when it writes without end", { do: "flood" }, { kind: "ended" }],
    ["when it writes something else than frames", { do: "write", with: "this is not a frame" }, { kind: "ended" }],
    ["when it sends a frame that is not due", { do: "write", with: "\u0001".padEnd(9, "\0") }, { kind: "ended" }],
  ];
  for (const [how, command, error] of failures) {
    test(how, async () => {
      await using probe = openProbe({ timeoutMs: command.do === "hang" ? 2000 : 60_000 });
      const pid = await probe.pid();
      await assert.rejects(probe.tell(command), { name: "SandboxError", ...error });
      await eventually(async () => !exists(pid), { what: "the process to end" });
      assert.notEqual(await probe.pid(), pid);
    });
  }

  test("when it needs too much memory", { skip: process.platform !== "linux" }, async () => {
    await using probe = openProbe({ maxMemoryBytes: 200 * 1024 ** 2 });
    assert.equal((await probe.tell({ do: "allocate", bytes: 50 * 1024 ** 2 })).kind, "answer");
    const excess = { do: "allocate", bytes: 200 * 1024 ** 2 };
    await assert.rejects(probe.tell(excess), { name: "SandboxError", kind: "memory" });
    await probe.pid();
  });

  test("when it is cancelled", async () => {
    await using probe = openProbe();
    const pid = await probe.pid();
    const controller = new AbortController();
    const hanging = probe.tell({ do: "hang" }, { signal: controller.signal });
    await sent();
    controller.abort(new Error("overtaken"));
    await assert.rejects(hanging, /overtaken/);
    await eventually(async () => !exists(pid), { what: "the process to end" });
    assert.notEqual(await probe.pid(), pid);
  });

  test("when its process is killed", async () => {
    await using probe = openProbe();
    const pid = await probe.pid();
    const hanging = assert.rejects(probe.tell({ do: "hang" }), { kind: "ended" });
    await sent();
    process.kill(pid, "SIGKILL");
    await hanging;
    assert.notEqual(await probe.pid(), pid);
  });
});

suite("a process", () => {
  test("is used again, and ended when it has been idle", async () => {
    await using probe = openProbe({ idleMs: 300 });
    const pid = await probe.pid();
    assert.equal(await probe.pid(), pid);
    await eventually(async () => !exists(pid), { what: "the idle process to end" });
    assert.notEqual(await probe.pid(), pid);
  });

  test("that was killed while it was idle is not used", async () => {
    await using probe = openProbe();
    const pid = await probe.pid();
    process.kill(pid, "SIGKILL");
    await eventually(async () => !exists(pid), { what: "the process to end" });
    assert.notEqual(await probe.pid(), pid);
  });

  test("ends with the sandbox, also while it works on a request", async () => {
    const probe = openProbe();
    const pid = await probe.pid();
    const hanging = assert.rejects(probe.tell({ do: "hang" }), { kind: "ended", message: "the sandbox was closed" });
    await sent();
    await probe[Symbol.asyncDispose]();
    assert.equal(exists(pid), false);
    await hanging;
    await assert.rejects(probe.tell({ do: "pid" }), { kind: "ended" });
  });
});

suite("a query of the program", () => {
  test("is answered while it works on the request", async () => {
    await using probe = openProbe();
    const answer = await probe.tell(
      { do: "query", with: "v1/Secret/a" },
      { answerQuery: async (query) => ({ kind: "answer", content: Buffer.from(`object ${String(query)}`) }) },
    );
    assert.deepEqual(answer, { kind: "answer", content: Buffer.from("object v1/Secret/a") });
  });

  test("may be answered with an error", async () => {
    await using probe = openProbe();
    const forbidden = { kind: "error", message: "forbidden" } as const;
    assert.deepEqual(await probe.tell({ do: "query" }, { answerQuery: async () => forbidden }), forbidden);
  });

  test("is an error for a request that does not answer any", async () => {
    await using probe = openProbe();
    assert.deepEqual(await probe.tell({ do: "query" }), { kind: "error", message: "queries are not supported" });
  });

  test("ends the request with what answering it throws", async () => {
    await using probe = openProbe();
    const pid = await probe.pid();
    const answerQuery = () => Promise.reject(new Error("the API server is overloaded"));
    await assert.rejects(probe.tell({ do: "query" }, { answerQuery }), /overloaded/);
    assert.notEqual(await probe.pid(), pid);
  });

  test("has the time of its request", async () => {
    await using probe = openProbe({ timeoutMs: 2000 });
    const answerQuery = (_: unknown, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await assert.rejects(probe.tell({ do: "query" }, { answerQuery }), { kind: "timeout" });
  });
});

test("a program that cannot be started fails every request", async () => {
  const options = { timeoutMs: 200, idleMs: 1000, maxAnswerBytes: 1000, maxMemoryBytes: 2 ** 28 };
  for (const program of [undefined, "/no/such/program", "/bin/true", "/bin/cat"]) {
    await using sandbox = createSandbox({ program: async () => program, ...options });
    const request = { body: {}, content: [] };
    await assert.rejects(sandbox.request(request, AbortSignal.timeout(60_000)), { kind: "unavailable" });
  }
});

test("a program is not started for a sandbox that is closed, nor for a request that is aborted", async () => {
  const starts: string[] = [];
  const program = async () => {
    starts.push("start");
    return undefined;
  };
  const sandbox = createSandbox({
    program,
    timeoutMs: 200,
    idleMs: 1000,
    maxAnswerBytes: 1000,
    maxMemoryBytes: 2 ** 28,
  });
  const request = { body: {}, content: [] };
  await assert.rejects(sandbox.request(request, AbortSignal.abort(new Error("overtaken"))), /overtaken/);
  await sandbox[Symbol.asyncDispose]();
  await assert.rejects(sandbox.request(request, AbortSignal.timeout(60_000)), { kind: "ended" });
  assert.deepEqual(starts, []);
});

/** Until a request to a process that is idle has been written to it. */
async function sent(): Promise<void> {
  await setImmediate();
}
