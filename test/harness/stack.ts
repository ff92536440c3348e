import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ownedEnvironment } from "@leat/testing";
import { run, type Service, startService } from "@leat/process";

/** One program of a stack. `{{name}}` in an argument or a variable is replaced: see `Places`. */
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

/** What the placeholders stand for. */
export interface Places {
  /** With the rights of the program. */
  kubeconfig: string;
  /** URL that events are posted to. */
  events: string;
  /** A private directory. */
  directory: string;
  /** A free loopback port: the artifact server's. */
  port: string;
  kustomize: string;
  renderer: string;
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

const common = [
  "--kubeconfig={{kubeconfig}}",
  "--events-addr={{events}}",
  "--metrics-addr=0",
  "--health-addr=0",
  "--log-level=debug",
];

const sources: StackDescription = {
  name: "leat",
  crds: [
    "charts/leat/files/crds/source.toolkit.fluxcd.io_gitrepositories.yaml",
    "charts/leat/files/crds/kustomize.toolkit.fluxcd.io_kustomizations.yaml",
  ],
  processes: [
    {
      name: "source-controller",
      rightsOf: "source-controller",
      program: process.execPath,
      args: [
        "controllers/source/src/main.ts",
        ...common,
        "--storage-path={{directory}}/storage",
        "--storage-addr=127.0.0.1:{{port}}",
        "--storage-adv-addr=127.0.0.1:{{port}}",
      ],
    },
    {
      name: "kustomize-controller",
      rightsOf: "kustomize-controller",
      program: process.execPath,
      args: [
        "controllers/kustomize/src/main.ts",
        ...common,
        "--work-directory={{directory}}/work",
        "--kustomize-binary={{kustomize}}",
        "--kustomize-renderer={{renderer}}",
      ],
    },
  ],
};

/** How a bundle is started, as `npm run bundle` tells it. */
interface BundledProgram {
  name: string;
  file: string;
  nodeFlags: string[];
  environment: Record<string, string>;
}

/** Makes the bundles anew, from the sources as they are. */
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

/** Starts one program of a stack; its output goes to `<directory>/<name>.log`. */
export function startProcess(
  process_: StackProcess,
  places: Places,
  extraArgs: readonly string[] = [],
): Promise<Service> {
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: keyof Places) => places[name]);
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: places.directory,
    TMPDIR: places.directory,
    ...ownedEnvironment(),
  };
  const own = Object.entries(process_.env ?? {}).map(([name, value]) => [name, fill(value)]);
  return startService(fill(process_.program), [...process_.args.map(fill), ...extraArgs], {
    cwd: repositoryRoot,
    env: { ...environment, ...Object.fromEntries(own) },
    logFile: join(places.directory, `${process_.name}.log`),
  });
}
