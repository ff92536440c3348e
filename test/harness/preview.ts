import { mkdir, mkdtempDisposable, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { inherited } from "./programs.ts";
import type { Scenario } from "./scenario.ts";
import { repositoryRoot } from "./stack.ts";

/** A working copy of what a scenario commits, for `leat build` and `leat diff`. */
export interface WorkingCopy extends AsyncDisposable {
  path: string;
  /** Writes and, with `null`, removes files; `{{ns}}` is the scenario's namespace. */
  write: (files: Readonly<Record<string, string | null>>) => Promise<void>;
  /**
   * Runs `leat <verb> kustomization app --path <copy>/app` and more arguments, as the administrator where no kubeconfig is
   * given.
   */
  leat: (verb: "build" | "diff", args?: readonly string[], kubeconfig?: string) => Promise<Printed>;
}

export interface Printed {
  code: number;
  stdout: string;
  stderr: string;
}

export async function workingCopy(
  { namespace, harness }: Scenario,
  files: Readonly<Record<string, string | null>>,
): Promise<WorkingCopy> {
  const directory = await mkdtempDisposable(join(tmpdir(), "leat-working-copy-"));
  const { path } = directory;
  // As the root of a repository, whose parts may name one another.
  await mkdir(join(path, ".git"));
  const programs = [
    `--kustomize-binary=${await binary("kustomize")}`,
    `--kustomize-renderer=${await binary("kustomize-renderer")}`,
  ];
  const write: WorkingCopy["write"] = async (changed) => {
    for (const [name, content] of Object.entries(changed)) {
      await mkdir(join(path, dirname(name)), { recursive: true });
      if (content === null) await rm(join(path, name));
      else await writeFile(join(path, name), content.replaceAll("{{ns}}", namespace));
    }
  };
  await write(files);
  return {
    path,
    write,
    leat: async (verb, args = [], kubeconfig = harness.controlPlane.kubeconfig) => {
      const line = ["apps/cli/src/main.ts", verb, "kustomization", "app", `--path=${path}/app`, `-n${namespace}`];
      const { exitCode, stdout, stderr } = await run(process.execPath, [...line, ...programs, ...args], {
        cwd: repositoryRoot,
        env: { ...inherited(), HOME: path, KUBECONFIG: kubeconfig },
        timeoutMs: 120_000,
      });
      return { code: exitCode, stdout: stdout.toString(), stderr };
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
