import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { run } from "@leat/process";
import { openPrivateDirectory } from "@leat/testing";
import { leat } from "../../test/leat.ts";
import { gitRepository, kustomization } from "../../test/objects.ts";
import { openSetting, type Setting } from "../../test/fixture.ts";

let setting: Setting;
before(async () => {
  setting = await openSetting();
  await setting.create(kustomization("apps"));
  await setting.create(kustomization("apparel"));
  await setting.create(kustomization("infra"));
  await setting.create(gitRepository("podinfo"));
});
after(() => setting[Symbol.asyncDispose]());

suite("completion", () => {
  const rows: Array<[line: string, words: string[]]> = [
    ["desc", ["describe"]],
    ["get kustomization", ["kustomization", "kustomizations"]],
    ["get source ", ["git"]],
    ["get ks app", ["apparel", "apps"]],
    ["get ks apps app", ["apparel"]],
    ["get source git ", ["podinfo"]],
    ["get -A ks in", ["infra"]],
    ["describe ks/in", ["ks/infra"]],
    ["events --for ks/a", ["ks/apparel", "ks/apps"]],
    ["get ks -o ", ["json", "yaml", "wide", "name"]],
    ["get ks --output=y", ["--output=yaml"]],
    ["get --status", ["--status-selector"]],
    ["completion ", ["bash", "zsh", "fish", "powershell"]],
    ["get nonsense ", []],
    ["get all ", []],
  ];
  for (const [line, words] of rows) {
    test(`goes on with "${line}"`, async () => {
      const { code, stdout } = await setting.leat(["__complete", "--", ...line.split(" ")]);
      assert.equal(code, 0);
      assert.deepEqual(
        stdout
          .split("\n")
          .filter(Boolean)
          .map((candidate) => candidate.split("\t")[0]),
        words,
      );
    });
  }

  test("says what commands do", async () => {
    const { stdout } = await leat(["__complete", "--", "eve"]);
    assert.equal(stdout, "events\tlist events of objects and their sources\n");
  });

  test("knows the namespaces, and looks into the one that was named", async () => {
    const namespaces = await setting.leat(["__complete", "--", "get", "ks", "-n", setting.namespace.slice(0, -1)]);
    assert.match(namespaces.stdout, new RegExp(`^${setting.namespace}$`, "m"));
    const elsewhere = await setting.leat(["__complete", "--", "-n", "default", "get", "ks", ""]);
    assert.equal(elsewhere.stdout, "");
  });

  test("knows the contexts of the kubeconfig", async () => {
    const { stdout } = await setting.leat(["__complete", "--", "get", "ks", "--context", ""]);
    assert.notEqual(stdout, "");
  });

  test("is silent where there is no cluster", async () => {
    const { code, stdout, stderr } = await leat(["__complete", "--", "get", "ks", ""], {
      environment: { KUBECONFIG: "/nowhere" },
    });
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
  });
});

suite("the script for bash", () => {
  const rows: Array<[line: string, reply: string[]]> = [
    ["leat get ks app", ["apparel", "apps"]],
    ["leat get ks --output=y", ["yaml"]],
    ["leat get kustomizations", ["kustomizations"]],
    ["leat describe ks/a", ["ks/apparel", "ks/apps"]],
  ];
  for (const [line, reply] of rows) {
    test(`completes "${line}"`, async () => {
      assert.deepEqual(await bashReply(line), reply);
    });
  }
});

/** What bash offers for the end of a line. */
async function bashReply(line: string): Promise<string[]> {
  await using directory = await openPrivateDirectory();
  const program = join(directory.path, "leat");
  const main = join(import.meta.dirname, "../main.ts");
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(program, 0o755);
  const { stdout: script } = await leat(["completion", "bash"]);
  const words = line.replaceAll("=", " = ").split(" ");
  const ask = [
    script,
    `COMP_LINE=${JSON.stringify(line)} COMP_POINT=${line.length}`,
    `COMP_WORDS=(${words.map((word) => JSON.stringify(word)).join(" ")}) COMP_CWORD=${words.length - 1}`,
    '_leat; printf "%s\\n" "${COMPREPLY[@]}"',
  ].join("\n");
  const env = {
    PATH: `${directory.path}:${process.env["PATH"] ?? ""}`,
    KUBECONFIG: setting.controlPlane.kubeconfig,
    LEAT_NAMESPACE: setting.namespace,
  };
  const { stdout } = await run("bash", ["-c", ask], { env, timeoutMs: 60_000 });
  return stdout.toString().split("\n").filter(Boolean);
}
