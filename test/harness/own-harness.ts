import { connect } from "@leat/kube";
import {
  type ControlPlaneOptions,
  type EventReceiver,
  freePort,
  type GitServerOptions,
  startControlPlane,
  startEventReceiver,
  startGitServer,
} from "@leat/testing";
import { type DeployedStack, type DeployOptions, deployStack } from "./deploy-stack.ts";
import type { Harness } from "./harness.ts";
import { describedStack, type StackDescription } from "./stack.ts";

export interface HarnessOptions extends DeployOptions {
  /** What `LEAT_STACK` describes where not given, else Leat. */
  stack?: StackDescription;
  controlPlane?: ControlPlaneOptions;
  git?: GitServerOptions;
  /** More environment for programs of the stack, by their name. */
  env?: Record<string, Record<string, string>>;
  /** Whether the programs are started at once; yes where not given. */
  start?: boolean;
  /** Whether the programs serve metrics and probes, each on loopback ports of its own; no where not given. */
  endpoints?: boolean;
}

/** Where a program serves: `http://127.0.0.1:<port>`, without a path. */
export interface Endpoints {
  metrics: string;
  health: string;
}

/** A control plane and a stack that one test file has for itself. */
export interface OwnHarness extends Harness, Omit<DeployedStack, "startAll"> {
  events: EventReceiver;
  /** By the name of the program; empty where they were not asked for. */
  endpoints: Readonly<Record<string, Endpoints>>;
}

/** Starts a control plane and a stack for tests that give flags, stop programs or measure. */
export async function startHarness(options: HarnessOptions = {}): Promise<OwnHarness> {
  await using stack = new AsyncDisposableStack();
  const description = withEnvironment(options.stack ?? (await describedStack()), options.env);
  const controlPlane = stack.use(await startControlPlane(options.controlPlane));
  const kube = stack.use(await connect({ kubeconfig: controlPlane.kubeconfig, userAgent: "behaviour-test" }));
  const git = stack.use(await startGitServer(options.git));
  const events = stack.use(await startEventReceiver());
  const endpoints = options.endpoints === true ? await chooseEndpoints(description) : {};
  const args = argsOf(options.args ?? {}, endpoints);
  const deployed = await deployStack(description, { controlPlane, kube }, events.url, { ...options, args });
  stack.use(deployed);
  if (options.start !== false) await deployed.startAll();
  const all = stack.move();
  return {
    ...deployed,
    stack: description,
    controlPlane,
    kube,
    git,
    events,
    endpoints,
    // The control plane ends soon.
    leave: async () => {},
    logOffsets: {},
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function withEnvironment(stack: StackDescription, env: HarnessOptions["env"] = {}): StackDescription {
  const processes = stack.processes.map((one) => ({ ...one, env: { ...one.env, ...env[one.name] } }));
  return { ...stack, processes };
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
