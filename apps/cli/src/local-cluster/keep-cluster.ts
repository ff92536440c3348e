import { dirname, join } from "node:path";
import { connect } from "@leat/kube";
import { startControlPlane } from "@leat/testing";
import { aborted } from "../program/aborted.ts";
import { installDefinitions } from "../cluster/install-definitions.ts";
import { prepareBinaries, searchPathOf } from "./prepare-binaries.ts";
import { runArgs } from "./run-args.ts";
import { createSteps } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";

export interface ClusterOptions {
  terminal: Terminal;
  /** How many nodes, on which pods become ready without running anything. */
  nodes: number;
  signal: AbortSignal;
}

/**
 * `leat cluster`: keeps a control plane up until `signal` aborts, with controller manager, scheduler, nodes and the custom
 * resource definitions.
 *
 * @throws Error for what could not be started
 */
export async function keepCluster({ terminal, nodes, signal }: ClusterOptions): Promise<void> {
  const steps = createSteps(terminal);
  const binaries = await steps.step("Kubernetes binaries", (progress) => prepareBinaries(progress, signal));
  await using plane = await steps.step("control plane", () => startControlPlane({ kwokNodes: nodes, signal }));
  await using kube = await connect({ kubeconfig: plane.kubeconfig, userAgent: "leat-cluster" });
  await steps.step("custom resource definitions", () => installDefinitions(kube, signal));
  const { kubeconfig } = plane;
  const run = runArgs({ kubeconfig, binaries, directory: join(dirname(kubeconfig), "controllers"), port: "9090" });
  const { line, style } = terminal;
  line();
  line(style("bold", "The cluster is running until Ctrl-C"));
  line(`   for kubectl      export KUBECONFIG=${kubeconfig} PATH=${searchPathOf(binaries)}:$PATH`);
  line(`   for npm test     export LEAT_TEST_KUBECONFIG=${kubeconfig}`);
  line(`   for controllers  npm run leat -- ${run.join(" ")}`);
  await aborted(signal);
}
