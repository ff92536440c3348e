import assert from "node:assert/strict";
import { glob, mkdtempDisposable, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { controllers } from "@leat/controllers";
import { run } from "@leat/process";
import { type Bundle, bundleProgram } from "./bundle-program.ts";
import { noticesOf } from "./notices.ts";
import { programs } from "./programs.ts";

const root = join(import.meta.dirname, "../..");

suite("bundles", () => {
  let directory: Awaited<ReturnType<typeof mkdtempDisposable>>;
  let bundles: Bundle[];

  before(async () => {
    directory = await mkdtempDisposable(join(tmpdir(), "leat-bundle-"));
    bundles = await Promise.all(programs.map((program) => bundleProgram(root, program, directory.path)));
  });
  after(() => directory[Symbol.asyncDispose]());

  for (const { name, nodeFlags, environment } of programs) {
    test(`of ${name} run where nothing else is`, async () => {
      const start = (arg: string) =>
        run(process.execPath, [...nodeFlags, join(directory.path, `${name}.mjs`), arg], {
          cwd: directory.path,
          env: { ...environment },
          timeoutMs: 20_000,
        });
      const [help, mistaken] = await Promise.all([start("--help"), start("--no-such-flag")]);
      assert.match(help.stdout.toString(), new RegExp(`^Usage: ${name} `));
      assert.equal(help.stderr, "");
      assert.equal(help.exitCode, 0);
      assert.match(mistaken.stderr, /--no-such-flag/);
      assert.notEqual(mistaken.exitCode, 0);
    });
  }

  test("of the command load controllers from the files beside it", async () => {
    const help = await run(process.execPath, [join(directory.path, "leat.mjs"), "run", "--help"], {
      timeoutMs: 20_000,
    });
    for (const { key } of controllers)
      assert.ok(help.stdout.toString().includes(`leat run --controllers ${key} [flags]`));
  });

  test("are one file each, with a directory of files for the command", async () => {
    const expected = [...programs.map(({ name }) => `${name}.mjs`), "leat-files"];
    assert.deepEqual((await readdir(directory.path)).toSorted(), expected.toSorted());
  });

  test("load little, in characters of one byte", async () => {
    for (const { file, bytes } of bundles) {
      const most = file === "leat.mjs" ? 1_500_000 : 4_000_000;
      assert.ok(bytes < most, `${file} loads ${bytes} bytes: something large has come in`);
    }
    for await (const file of glob("**/*.mjs", { cwd: directory.path }))
      assert.match(await readFile(join(directory.path, file), "utf8"), /^[\0-\x7f]+$/, file);
  });

  test("come with the licences of what others wrote", async () => {
    const notices = await noticesOf(bundles.flatMap(({ installed }) => installed));
    assert.match(notices, /^zod [\d.]+ \(MIT\)\n-+\n\nMIT License/m);
    assert.match(notices, /^undici [\d.]+ \(MIT\)\n/m);
  });

  test("of a program that looks for files it is not given are rejected", async () => {
    const program = programs.find(({ reads }) => reads.length > 0);
    assert.ok(program);
    await assert.rejects(bundleProgram(root, { ...program, reads: [] }, directory.path), /looks for files/);
  });
});
