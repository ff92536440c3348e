import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { processState, thisProcess } from "./process-identity.ts";
import { startService } from "./service.ts";

suite("process identity", () => {
  test("knows this process as running, also where more text follows", () => {
    assert.equal(processState(thisProcess()), "running");
    assert.equal(processState(`${thisProcess()}-directory`), "running");
  });

  test("knows a process that has ended as gone", async () => {
    await using service = await startService("/bin/sleep", ["60"]);
    const pid = String(service.pid);
    await service.stop();
    assert.equal(processState(`${pid}-1`), "gone");
  });

  test("is not taken in by a pid that was given to another process", { skip: process.platform !== "linux" }, () => {
    assert.equal(processState(`${process.pid}-1`), "gone");
  });

  test("takes no other text for an identity", () => {
    for (const text of ["", "app", "12", "-12-3"]) assert.equal(processState(text), "no identity");
  });
});
