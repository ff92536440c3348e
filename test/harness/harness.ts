import { mkdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { core, type KubeObject } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import type { Service } from "@leat/process";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  type EventReceiver,
  eventually,
  type GitServer,
  type GitServerOptions,
  openPrivateDirectory,
  startControlPlane,
  startEventReceiver,
  startGitServer,
} from "@leat/testing";
import { binary } from "@leat/toolchain";
import { parseYamlDocuments } from "@leat/yaml";
import { grantRights } from "./rights.ts";
import { describedStack, type Places, repositoryRoot, type StackDescription, startProcess } from "./stack.ts";

export interface HarnessOptions {
  /** What `LEAT_STACK` describes where not given, else Leat. */
  stack?: StackDescription;
  controlPlane?: ControlPlaneOptions;
  git?: GitServerOptions;
  /** More environment for programs of the stack, by their name. */
  env?: Record<string, Record<string, string>>;
  /** More arguments for programs of the stack, by their name. */
  args?: Record<string, string[]>;
  /** Whether the programs are started at once; yes where not given. */
  start?: boolean;
  /** Values of the chart that gives Leat's programs their rights; its own where not given. */
  values?: object;
  /** Makes all programs administrators, so that a stack with few rights is compared with one that has all. */
  allRights?: boolean;
  /** Whether the programs serve metrics and probes, each on loopback ports of its own; no where not given. */
  endpoints?: boolean;
}

/** Where a program serves: `http://127.0.0.1:<port>`, without a path. */
export interface Endpoints {
  metrics: string;
  health: string;
}

/** A control plane with a stack that runs on it, and what the stack talks to. */
export interface Harness extends AsyncDisposable {
  stack: StackDescription;
  controlPlane: ControlPlane;
  /** Speaks as the administrator. */
  kube: Kube;
  git: GitServer;
  events: EventReceiver;
  /** Private directory of the programs: their logs, storage and work. */
  directory: string;
  /** The kubeconfig of a program. */
  kubeconfigOf: (name: string) => string;
  /** Starts a program of the stack that does not run. */
  start: (name: string) => Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop: (name: string) => Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill: (name: string) => Promise<void>;
  pidOf: (name: string) => number | undefined;
  /** By the name of the program; empty where they were not asked for. */
  endpoints: Readonly<Record<string, Endpoints>>;
  /** Removes all stored artifacts, as a pod's emptyDir goes with it. */
  removeStorage: () => Promise<void>;
}

/** Starts everything that a behaviour test needs. Tests of one file share it; each makes its own scenario. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  await using stack = new AsyncDisposableStack();
  const description = withEnvironment(options.stack ?? (await describedStack()), options.env);
  const controlPlane = stack.use(await startControlPlane(options.controlPlane));
  const kube = stack.use(await connect({ kubeconfig: controlPlane.kubeconfig, userAgent: "behaviour-test" }));
  const git = stack.use(await startGitServer(options.git));
  const events = stack.use(await startEventReceiver());
  const { path: directory } = stack.use(await openPrivateDirectory());
  const storage = join(directory, "storage");
  await mkdir(storage);
  await installCrds(kube, description.crds);
  const kubeconfigOf = await kubeconfigsOf(description, { kube, controlPlane }, options);
  const places: Omit<Places, "kubeconfig"> = {
    events: events.url,
    directory,
    port: String(await freePort()),
    kustomize: await binary("kustomize"),
    renderer: await binary("kustomize-renderer"),
  };
  const endpoints = options.endpoints === true ? await chooseEndpoints(description) : {};
  const placesOf = (name: string): Places => ({ ...places, kubeconfig: kubeconfigOf(name) });
  const programs = stack.use(programsOf(description, placesOf, argsOf(options.args ?? {}, endpoints)));
  if (options.start !== false) await Promise.all(description.processes.map(({ name }) => programs.start(name)));
  const all = stack.move();
  return {
    stack: description,
    controlPlane,
    kube,
    git,
    events,
    directory,
    kubeconfigOf,
    start: programs.start,
    stop: programs.stop,
    kill: programs.kill,
    pidOf: programs.pidOf,
    endpoints,
    removeStorage: async () => {
      await rm(storage, { recursive: true, force: true });
      await mkdir(storage);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function withEnvironment(stack: StackDescription, env: HarnessOptions["env"] = {}): StackDescription {
  const processes = stack.processes.map((one) => ({ ...one, env: { ...one.env, ...env[one.name] } }));
  return { ...stack, processes };
}

async function kubeconfigsOf(
  { processes }: StackDescription,
  cluster: { kube: Kube; controlPlane: ControlPlane },
  { values = {}, allRights = false }: HarnessOptions,
): Promise<Harness["kubeconfigOf"]> {
  const limited = allRights ? [] : processes.filter(({ rightsOf }) => rightsOf !== undefined);
  const granted = limited.length === 0 ? new Map<string, string>() : await grantRights(cluster, values);
  const chosen = limited.map(({ name, rightsOf = "" }) => {
    const kubeconfig = granted.get(rightsOf);
    if (kubeconfig === undefined) throw new Error(`the chart gives ${rightsOf} no rights`);
    return [name, kubeconfig] as const;
  });
  const kubeconfigs = new Map(chosen);
  return (name) => kubeconfigs.get(name) ?? cluster.controlPlane.kubeconfig;
}

type Programs = Pick<Harness, "start" | "stop" | "kill" | "pidOf"> & AsyncDisposable;

function programsOf(
  { processes }: StackDescription,
  placesOf: (name: string) => Places,
  args: Record<string, string[]>,
): Programs {
  const running = new Map<string, Service>();
  const end = async (name: string, how: (service: Service) => void) => {
    const service = running.get(name);
    if (!service) return;
    running.delete(name);
    how(service);
    await service.ended;
  };
  return {
    start: async (name) => {
      const described = processes.find((one) => one.name === name);
      if (!described) throw new Error(`the stack has no program ${name}`);
      if (running.has(name)) throw new Error(`${name} runs already`);
      running.set(name, await startProcess(described, placesOf(name), args[name]));
    },
    stop: (name) => end(name, (service) => void service.stop()),
    kill: (name) => end(name, (service) => service.kill("SIGKILL")),
    pidOf: (name) => running.get(name)?.pid,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.values()].map((service) => service.stop()));
    },
  };
}

async function chooseEndpoints({ processes }: StackDescription): Promise<Record<string, Endpoints>> {
  const free = async () => `http://127.0.0.1:${await freePort()}`;
  const chosen = processes.map(async ({ name }) => [name, { metrics: await free(), health: await free() }] as const);
  return Object.fromEntries(await Promise.all(chosen));
}

/** The addresses come after what a stack's description says of them: of a flag that is given twice the last counts. */
function argsOf(args: Record<string, string[]>, endpoints: Record<string, Endpoints>): Record<string, string[]> {
  const addresses = Object.entries(endpoints).map(([name, { metrics, health }]): [string, string[]] => {
    const flags = [`--metrics-addr=${new URL(metrics).host}`, `--health-addr=${new URL(health).host}`];
    return [name, [...flags, ...(args[name] ?? [])]];
  });
  return { ...args, ...Object.fromEntries(addresses) };
}

async function installCrds(kube: Kube, files: readonly string[]): Promise<void> {
  const texts = await Promise.all(files.map((file) => readFile(resolve(repositoryRoot, file), "utf8")));
  const crds = texts.flatMap((text, index) => parseYamlDocuments(text, files[index] ?? "")) as KubeObject[];
  for (const crd of crds) await kube.apply(core.CustomResourceDefinition, crd, { fieldManager: "user" });
  await eventually(
    async () => {
      const stored = await Promise.all(
        crds.map(({ metadata: { name } }) => kube.get({ resource: core.CustomResourceDefinition, name })),
      );
      return stored.every(established);
    },
    { what: "CRDs to be established" },
  );
}

function established(crd: KubeObject | undefined): boolean {
  const { conditions = [] } = (crd?.["status"] ?? {}) as { conditions?: Array<{ type: string; status: string }> };
  return conditions.some(({ type, status }) => type === "Established" && status === "True");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/** The last log lines of the programs about a namespace: what a failing test is explained by. */
export async function logLinesOf({ directory, stack }: Harness, namespace: string, most = 12): Promise<string> {
  const texts = await Promise.all(
    stack.processes.map(({ name }) => readFile(join(directory, `${name}.log`), "utf8").catch(() => "")),
  );
  const lines = texts.map((text) => text.split("\n").filter((line) => line.includes(namespace)));
  return lines.map((own) => own.slice(-most).join("\n")).join("\n");
}
