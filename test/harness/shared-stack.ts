import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@leat/kube";
import {
  type ControlPlaneOptions,
  followEvents,
  joinControlPlane,
  openPrivateDirectory,
  startControlPlane,
  startEventReceiver,
  startGitServer,
} from "@leat/testing";
import { deployStack } from "./deploy-stack.ts";
import type { Harness } from "./harness.ts";
import { startHarness } from "./own-harness.ts";
import { logFileOf } from "./programs.ts";
import { removeDeclared } from "./remove-declared.ts";
import { describedStack, type StackDescription } from "./stack.ts";

/** Names the file that says where the stack of the test run is. */
const variable = "LEAT_TEST_STACK";

/** What a test file must know of a stack that runs already. */
interface SharedStack {
  stack: StackDescription;
  kubeconfig: string;
  directory: string;
  eventsFile: string;
}

/** Pods become ready, and namespaces are really deleted. */
const controlPlaneOptions: ControlPlaneOptions = { kwokNodes: 2 };

/**
 * Starts the stack of a test run, with the flags of its description, on a control plane of its own: controllers would
 * disturb other tests with objects of their kinds.
 *
 * @returns environment for the processes of the test files
 */
export async function startSharedStack(
  signal?: AbortSignal,
): Promise<{ env: Record<string, string> } & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const stack = await describedStack();
  const controlPlane = opening.use(await startControlPlane({ ...controlPlaneOptions, ...(signal && { signal }) }));
  await using kube = await connect({ kubeconfig: controlPlane.kubeconfig, userAgent: "behaviour-test" });
  const { path } = opening.use(await openPrivateDirectory());
  const eventsFile = join(path, "events");
  const events = opening.use(await startEventReceiver({ file: eventsFile }));
  const deployed = opening.use(await deployStack(stack, { controlPlane, kube }, events.url));
  await deployed.startAll();
  const shared: SharedStack = {
    stack,
    kubeconfig: controlPlane.kubeconfig,
    directory: deployed.directory,
    eventsFile,
  };
  const file = join(path, "stack.json");
  await writeFile(file, JSON.stringify(shared));
  const opened = opening.move();
  return { env: { [variable]: file }, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/**
 * The stack of the test run, which must not be stopped, for tests that are content with its flags. A file that is run by
 * itself, without `npm test`, has one of its own.
 */
export async function sharedHarness(): Promise<Harness> {
  const file = process.env[variable];
  if (file === undefined) return startHarness({ controlPlane: controlPlaneOptions });
  await using opening = new AsyncDisposableStack();
  const { stack, kubeconfig, directory, eventsFile } = JSON.parse(await readFile(file, "utf8")) as SharedStack;
  const kube = opening.use(await connect({ kubeconfig, userAgent: "behaviour-test" }));
  const git = opening.use(await startGitServer());
  const sizes = stack.processes.map(async ({ name }) => [name, (await stat(logFileOf(directory, name))).size] as const);
  const opened = opening.move();
  return {
    stack,
    controlPlane: await joinControlPlane(kubeconfig),
    kube,
    git,
    events: followEvents(eventsFile),
    directory,
    leave: (namespace) => removeDeclared(kube, namespace),
    logOffsets: Object.fromEntries(await Promise.all(sizes)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
