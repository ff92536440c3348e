import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { binary } from "@leat/toolchain";
import { reportSandboxState } from "./report-state.ts";
import { createSandbox } from "./sandbox.ts";
import type { SandboxState } from "./sandbox-state.ts";

const linux = process.platform === "linux";

test("a sandboxed program is reported as such", { skip: !linux }, async () => {
  const { lines, series } = await reported(() => binary("sandbox-probe"));
  assert.deepEqual(series, [{ sandbox: "probe", state: "sandboxed" }]);
  assert.deepEqual(lines, [["info", "sandbox established", { sandbox: "probe", state: "sandboxed", version: "1" }]]);
});

test("a program on a system without a sandbox is reported with the reason", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "leat-sandbox-"));
  const program = join(directory.path, "program");
  const greeting = '{"sandboxed":false,"why":"only Linux has seccomp","version":"1"}';
  const head = String.raw`\0\0\0\0\0${greeting.length.toString(8)}\0\0\0\0`.replace(/\\0(\d{3})/, String.raw`\$1`);
  await writeFile(program, `#!/bin/sh\nprintf '${head}${greeting}'\nexec /bin/cat\n`, { mode: 0o700 });
  const { lines, series } = await reported(async () => program);
  assert.deepEqual(series, [{ sandbox: "probe", state: "unsandboxed" }]);
  assert.partialDeepStrictEqual(lines, [["error", "sandbox not established", { why: "only Linux has seccomp" }]]);
});

test("a program that is missing, or is another, is reported with the reason", async () => {
  for (const [program, why] of [
    [undefined, "the program was not found"],
    ["/no/such/program", "cannot start /no/such/program: ENOENT"],
    ["/bin/true", "true ended before it responded (exit code 0)"],
  ] as const) {
    const { lines, series } = await reported(async () => program);
    assert.deepEqual(series, [{ sandbox: "probe", state: "unavailable" }]);
    assert.deepEqual(lines, [["error", "sandbox not established", { sandbox: "probe", state: "unavailable", why }]]);
  }
});

test("a state that cannot be determined is logged", async () => {
  const { lines, series } = await reported(() => Promise.reject(new Error("disk full")));
  assert.deepEqual(series, []);
  assert.partialDeepStrictEqual(lines, [["error", "the state of the sandbox could not be determined", {}]]);
});

async function reported(program: () => Promise<string | undefined>) {
  await using sandbox = createSandbox({
    program,
    timeoutMs: 1000,
    idleMs: 1000,
    maxAnswerBytes: 1000,
    maxMemoryBytes: 2 ** 28,
  });
  const lines: unknown[] = [];
  const series: unknown[] = [];
  const log =
    (level: string) =>
    (...line: unknown[]) =>
      void lines.push([level, ...line]);
  const state: () => Promise<SandboxState> = sandbox.state;
  await reportSandboxState("probe", state, {
    log: { info: log("info"), error: log("error") },
    metrics: { gauge: () => ({ set: (labels, value) => void (value === 1 && series.push(labels)) }) },
  });
  return { lines, series };
}
