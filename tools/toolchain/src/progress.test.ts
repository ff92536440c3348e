import assert from "node:assert/strict";
import { test } from "node:test";
import { progressText } from "./progress.ts";
import { terminalProgress } from "./terminal-progress.ts";

const mebibyte = 1024 * 1024;

test("progress is one line for each step", () => {
  const download = { name: "etcd", step: "download", receivedBytes: 5 * mebibyte } as const;
  assert.equal(
    progressText({ ...download, totalBytes: 20 * mebibyte }),
    "downloading etcd [#####...............] 5.0 of 20.0 MiB",
  );
  assert.equal(progressText({ ...download, totalBytes: undefined }), "downloading etcd 5.0 MiB");
  assert.equal(
    progressText({ name: "etcd", step: "build", compiledPackages: 7, elapsedMs: 1400 }),
    "building etcd from source: 7 packages compiled in 1 s",
  );
  assert.match(progressText({ name: "etcd", step: "wait", pid: 12 }), /process 12/);
  assert.equal(
    progressText({ name: "etcd", step: "made", way: "build", elapsedMs: 61_400, bytes: 23.6 * mebibyte }),
    "built from source in 61 s: etcd, 23.6 MiB",
  );
});

test("progress is written over on a terminal, and seldom elsewhere", () => {
  const written = { terminal: "", file: "" };
  const terminal = terminalProgress({
    isTTY: true,
    columns: 12,
    write: (text: string | Uint8Array) => ((written.terminal += text), true),
  });
  const file = terminalProgress({
    isTTY: false,
    columns: 0,
    write: (text: string | Uint8Array) => ((written.file += text), true),
  });
  for (const progress of [terminal, file]) {
    progress.show("[1/2] building etcd: 1");
    progress.show("[1/2] building etcd: 2");
    progress.show("[2/2] building helm: 1");
    progress.clear();
  }
  assert.equal(written.terminal, "\r\u001B[K[1/2] build\r\u001B[K[1/2] build\r\u001B[K[2/2] build\r\u001B[K");
  assert.equal(written.file, "[1/2] building etcd: 1\n[2/2] building helm: 1\n");
});
