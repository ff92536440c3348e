import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { kinds } from "@leat/api";
import { controllers, flagsHere } from "@leat/controllers";
import { run } from "@leat/process";

/** One program of a stack. `{{name}}` in an argument or a variable is replaced: see `Places` in programs.ts. */
export interface StackProcess {
  name: string;
  program: string;
  args: string[];
  env?: Record<string, string>;
  /** The controller of the chart whose rights it has; where it is not given, it is an administrator. */
  rightsOf?: string;
}

/** Programs that together reconcile the kinds under test; described in a JSON file of this shape, or ours. */
export interface StackDescription {
  name: string;
  /** What is under test, for reports; the commit where it is ours. */
  version?: string;
  /** How long a test waits for a state; 20 s where it is not given. More for a stack that polls. */
  patienceMs?: number;
  /** CRD files, absolute or relative to the repository. */
  crds: string[];
  processes: StackProcess[];
}

export const repositoryRoot = join(import.meta.dirname, "../..");

/**
 * @param which `leat`, as it is shipped: bundled; `leat-sources`, which starts at once; or the path of a description. What
 *   `LEAT_STACK` says where it is not given, else the sources
 */
export async function describedStack(which = process.env["LEAT_STACK"] ?? "leat-sources"): Promise<StackDescription> {
  if (which === "leat-sources") return sources;
  return which === "leat" ? bundled() : (JSON.parse(await readFile(which, "utf8")) as StackDescription);
}

const sources: StackDescription = {
  name: "leat",
  crds: kinds.map(({ group, plural }) => `charts/leat/files/crds/${group}_${plural}.yaml`),
  processes: controllers.map((controller) => ({
    name: controller.name,
    rightsOf: controller.name,
    program: process.execPath,
    args: [
      controller.entry,
      "--kubeconfig={{kubeconfig}}",
      "--events-addr={{events}}",
      "--metrics-addr=0",
      "--health-addr=0",
      "--log-level=debug",
      ...flagsHere(controller, { directory: "{{directory}}", port: "{{port}}" }, (binary) => `{{${binary}}}`),
    ],
  })),
};

/** How a bundle is started, as `npm run bundle` tells it. */
interface BundledProgram {
  name: string;
  file: string;
  nodeFlags: string[];
  environment: Record<string, string>;
}

/** Rebuilds the bundles, from the sources as they are. */
async function bundled(): Promise<StackDescription> {
  const env = { PATH: process.env["PATH"] ?? "" };
  const made = await run(process.execPath, ["tools/bundle.ts"], { cwd: repositoryRoot, env, timeoutMs: 60_000 });
  if (made.exitCode !== 0) throw new Error(`no bundles: ${made.stderr}`);
  const directory = join(repositoryRoot, "dist");
  const programs = JSON.parse(await readFile(join(directory, "programs.json"), "utf8")) as BundledProgram[];
  const processes = sources.processes.map((process_): StackProcess => {
    const program = programs.find(({ name }) => name === process_.name);
    if (program === undefined) throw new Error(`there is no bundle of ${process_.name}`);
    const { file, nodeFlags, environment } = program;
    return { ...process_, args: [...nodeFlags, join(directory, file), ...process_.args.slice(1)], env: environment };
  });
  return { ...sources, processes };
}
