import type { KubeObject } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { openPrivateDirectory, startControlPlane, startGitServer } from "@leat/testing";
import { duration } from "../terminal/duration.ts";
import { aborted } from "../program/aborted.ts";
import { installDefinitions } from "../cluster/install-definitions.ts";
import { createSteps, type Steps } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { prepareBinaries, searchPathOf } from "../local-cluster/prepare-binaries.ts";
import { type Controllers, startControllers } from "./controllers.ts";
import { makeCredentials } from "./credentials.ts";
import { declarations, repositoryName } from "./declarations.ts";
import { invitation } from "./invitation.ts";
import { firstState, sampleFiles } from "./sample-repository.ts";
import { openShop } from "./shop.ts";
import { type Stage, tellStory } from "./story.ts";
import { createTeller } from "./teller.ts";

export interface DemoOptions {
  terminal: Terminal;
  /** The child gets from it what it needs to find git and its directories. */
  environment: NodeJS.ProcessEnv;
  /** Ends after the story; else it stays until `signal` aborts. */
  once: boolean;
  signal: AbortSignal;
}

/**
 * `leat demo`: a cluster, a Git server and the controllers on this machine, and a story told with them. Everything it
 * started and wrote is gone when it returns.
 *
 * @throws Error for what could not be started, and for a step of the story that was not seen in the cluster
 */
export async function demo({ terminal, environment, once, signal }: DemoOptions): Promise<void> {
  const since = performance.now();
  terminal.line(`${terminal.style("bold", "Leat")}  from a commit to the cluster, on this machine`);
  if (once && !terminal.interactive) terminal.line("Not in a terminal: the demo ends after its last step.");
  terminal.line();
  await using theatre = await raiseCurtain(createSteps(terminal), environment, signal);
  const { stage, controllers } = theatre;
  await controllers.during(tellStory({ ...stage, tell: createTeller(terminal) }));
  terminal.line();
  terminal.line(`All steps were verified in the cluster, in ${duration(performance.now() - since)}.`);
  if (once) return;
  invite(theatre, terminal);
  await controllers.during(aborted(signal));
  terminal.line("Removing everything.");
}

interface Theatre extends AsyncDisposable {
  cloneUrl: string;
  stage: Omit<Stage, "tell">;
  kubeconfig: string;
  /** Directories of kubectl and kustomize, for the `PATH`. */
  searchPath: string;
  controllers: Controllers;
}

async function raiseCurtain(steps: Steps, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Theatre> {
  await using stack = new AsyncDisposableStack();
  const binaries = await steps.step("Kubernetes binaries", (progress) => prepareBinaries(progress, signal));
  const plane = stack.use(
    await steps.step("Kubernetes control plane with two nodes", () => startControlPlane({ kwokNodes: 2, signal })),
  );
  const kube = stack.use(await connect({ kubeconfig: plane.kubeconfig, userAgent: "leat-demo" }));
  await steps.step("custom resource definitions", () => installDefinitions(kube, signal));
  const server = stack.use(await steps.step("Git server", () => startGitServer()));
  const { repository, firstCommit } = await steps.step("sample repository", async () => {
    const created = await server.createRepository(repositoryName);
    return {
      repository: created,
      firstCommit: await created.commit(sampleFiles(firstState), { message: "Release 1.0.0" }),
    };
  });
  const credentials = await steps.step("age key", () => makeCredentials());
  const { path: directory } = stack.use(await openPrivateDirectory());
  const controllers = stack.use(
    await steps.step("source and kustomize controllers, in one process", () =>
      startControllers({ kubeconfig: plane.kubeconfig, binaries, directory, environment, signal }),
    ),
  );
  const running = stack.move();
  return {
    cloneUrl: repository.url,
    stage: {
      shop: openShop(kube, signal),
      commit: (files, message) => repository.commit(files, { message }),
      firstCommit,
      credentials,
      declare: () => declare(kube, declarations(repository.url, credentials.identity), signal),
    },
    kubeconfig: plane.kubeconfig,
    searchPath: searchPathOf(binaries),
    controllers,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function invite({ cloneUrl, kubeconfig, searchPath, controllers }: Theatre, terminal: Terminal): void {
  const facts = { kubeconfig, searchPath, cloneUrl, logFile: controllers.logFile };
  for (const line of invitation({ ...facts, terminal })) terminal.line(line);
}

async function declare(kube: Kube, objects: KubeObject[], signal: AbortSignal): Promise<void> {
  for (const object of objects) {
    const resource = await kube.resourceOf(object.apiVersion, object.kind, { signal });
    if (resource === undefined) throw new Error(`the API server does not know ${object.kind} of ${object.apiVersion}`);
    await kube.apply(resource, object, { fieldManager: "leat-demo", force: true, signal });
  }
}
