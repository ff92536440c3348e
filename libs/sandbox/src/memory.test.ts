import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { limitedCommand, memoryShare } from "./memory.ts";

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

suite("the share of a program", () => {
  const rows: Array<[given: string, limit: number, share: number]> = [
    ["a container of 1 GiB", gibibyte, Math.floor(gibibyte / 5)],
    ["a container of 4 GiB", 4 * gibibyte, Math.floor((4 * gibibyte) / 5)],
    ["a large container", 12 * gibibyte, gibibyte],
    ["a small container", 256 * mebibyte, 128 * mebibyte],
    ["no limit", 2 ** 64, gibibyte],
    ["no limit that is known", 0, gibibyte],
  ];
  for (const [given, limit, share] of rows) {
    test(`in ${given} is ${Math.floor(share / mebibyte)} MiB`, () => {
      assert.equal(memoryShare(limit, 16 * gibibyte), share);
    });
  }

  test("leaves something for the controller if three of them use all of it", () => {
    assert.ok(3 * memoryShare(gibibyte, 16 * gibibyte) < 0.61 * gibibyte);
  });
});

test("a program has its limits, and its arguments and exit code", { skip: process.platform !== "linux" }, async () => {
  const { program, args } = limitedCommand(await binary("sandbox-probe"), 200 * mebibyte, [
    "/bin/sh",
    "-c",
    'grep -E "Max (data|core file|file) size" /proc/self/limits; echo "$0"; exit 3',
    "--argument",
  ]);
  const { exitCode, stdout } = await run(program, args, { env: { PATH: "/usr/bin:/bin" }, timeoutMs: 60_000 });
  const [data, core, file, argument] = [
    /data size\s+(\d+)/,
    /core file size\s+(\d+)/,
    /Max file size\s+(\d+)/,
    /^(--.*)$/m,
  ].map((pattern) => pattern.exec(stdout.toString())?.[1]);
  assert.deepEqual([data, core, file, argument], [`${200 * mebibyte}`, "0", `${gibibyte}`, "--argument"]);
  assert.equal(exitCode, 3);
});
