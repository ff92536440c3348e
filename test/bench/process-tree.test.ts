import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Service, startService } from "@leat/process";
import { eventually } from "@leat/testing";
import { readTree } from "./process-tree.ts";

/** Burns half a second of CPU and stays, or goes, as its argument says. */
const burner = `
  const used = () => process.cpuUsage().user + process.cpuUsage().system;
  while (used() < 500_000);
  if (process.argv[1] === "stay") setInterval(() => {}, 1000);`;

/** Idle itself: has the burner as its child, by a thread that is not its first. */
const parent = `
  const { Worker } = require("node:worker_threads");
  const spawns = 'const { argv, burner } = require("node:worker_threads").workerData;'
    + 'require("node:child_process").spawn(process.execPath, ["-e", burner, argv]);';
  new Worker(spawns, { eval: true, workerData: { burner: ${JSON.stringify(burner)}, argv: process.argv[1] } });
  setInterval(() => {}, 1000);`;

function startParent(what: "stay" | "go"): Promise<Service> {
  return startService(process.execPath, ["-e", parent, what]);
}

suite("usage of a process tree", () => {
  test("counts CPU and memory of a child that still runs", async () => {
    await using service = await startParent("stay");
    await eventually(async () => (await readTree(service.pid)).cpuSeconds > 0.5, { what: "the child's time" });
    await eventually(async () => (await readTree(service.pid)).residentMiB > 70, { what: "the child's memory" });
  });

  test("counts the CPU of a child that has ended once", async () => {
    await using service = await startParent("go");
    const most = { cpuSeconds: 0, residentMiB: 0 };
    const ended = async () => {
      const now = await readTree(service.pid);
      most.cpuSeconds = Math.max(most.cpuSeconds, now.cpuSeconds);
      most.residentMiB = Math.max(most.residentMiB, now.residentMiB);
      // Node itself takes more than that.
      return now.residentMiB < most.residentMiB - 20 && now;
    };
    const { cpuSeconds } = await eventually(ended, { what: "the child to end" });
    assert.ok(cpuSeconds >= most.cpuSeconds, `${cpuSeconds} s after ${most.cpuSeconds} s`);
    assert.ok(cpuSeconds > 0.5 && cpuSeconds < 1, `${cpuSeconds} s`);
  });

  test("says so where the process does not run", async () => {
    const service = await startParent("go");
    await service.stop();
    await assert.rejects(readTree(service.pid), /cannot be read/);
  });
});
