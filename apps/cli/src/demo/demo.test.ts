import assert from "node:assert/strict";
import { mkdtempDisposable, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { run, startService } from "@leat/process";
import { eventually } from "@leat/testing";

const main = join(import.meta.dirname, "../main.ts");
const limitMs = 180_000;
const colour = "\u001B[";

suite("leat demo", () => {
  test("without a terminal tells the whole story, ends by itself and leaves nothing behind", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-demo-"));
    const options = { env: environment(directory.path), timeoutMs: limitMs };
    const { exitCode, stdout, stderr } = await run(process.execPath, [main, "demo"], options);
    const text = stdout.toString();
    assert.equal(exitCode, 0, `${text}\n${stderr}`);
    assert.match(text, /^Leat .*\nNot in a terminal: the demo ends after its last step\.\n\n/);
    for (const title of [
      "First sync",
      "A commit",
      "A hand edit",
      "A hand edit, reported only",
      "A secret in Git",
      "A broken commit",
    ])
      assert.match(text, new RegExp(`^[1-6]  ${title}$`, "m"));
    assert.match(text, /Deployment\/shop-staging\/shop:\s+\/spec\/replicas, changed by kubectl-edit/);
    assert.match(text, /password: ENC\[AES256_GCM,data:/);
    assert.match(text, /^ {3}✓ dev runs 1\.1\.0, its pods are ready +\d[\d.]* m?s$/m);
    assert.match(text, /an invalid number in\s+shop\/base\/deployment\.yaml\./);
    assert.match(text, /\(file shop\/base\/deployment\.yaml\):[^]*?\.spec\.revisionHistoryLimit/);
    assert.ok(!text.includes(colour));
    assert.deepEqual(await leftIn(directory.path), []);
  });

  test("that is interrupted says so by its exit code and leaves nothing behind", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-demo-"));
    const logFile = join(directory.path, "output");
    await using service = await startService(process.execPath, [main, "demo"], {
      env: environment(directory.path),
      logFile,
    });
    const hasBegun = async () => (await readFile(logFile, "utf8")).includes("First sync");
    await eventually(hasBegun, { what: "the story to begin", timeoutMs: limitMs });
    service.kill("SIGTERM");
    assert.equal(await service.ended, 130);
    assert.deepEqual(await leftIn(directory.path), []);
  });
});

/** Where the demo finds what this process finds, with a directory for temporary files of its own. */
function environment(temporary: string): Record<string, string> {
  const { PATH, HOME, XDG_CACHE_HOME, KUBEBUILDER_ASSETS } = process.env;
  const entries = Object.entries({ PATH, HOME, XDG_CACHE_HOME, KUBEBUILDER_ASSETS, TMPDIR: temporary });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Files below the directories that the demo has made. */
async function leftIn(temporary: string): Promise<string[]> {
  const found = await readdir(temporary, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile() && entry.name !== "output").map((entry) => entry.name);
}
