import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Kube } from "@leat/kube";
import { type ControlPlane, freePort, openPrivateDirectory } from "@leat/testing";
import { installCrds } from "./install-crds.ts";
import { binariesOfControllers, createPrograms, type Places, type Programs } from "./programs.ts";
import { grantRights } from "./rights.ts";
import type { StackDescription } from "./stack.ts";

export interface DeployOptions {
  /** More arguments for programs of the stack, by their name. */
  args?: Record<string, string[]>;
  /** Values of the chart that gives Leat's programs their rights; its own where not given. */
  values?: object;
  /** Makes all programs administrators, so that a stack with few rights is compared with one that has all. */
  allRights?: boolean;
}

/** A stack that is installed on a control plane; none of its programs runs yet. */
export interface DeployedStack extends Programs {
  /** Private directory of the programs: their logs, storage and work. */
  directory: string;
  /** The kubeconfig of a program. */
  kubeconfigOf: (name: string) => string;
  startAll: () => Promise<void>;
  /** Removes all stored artifacts, as a pod's emptyDir goes with it. */
  removeStorage: () => Promise<void>;
}

export interface Cluster {
  controlPlane: ControlPlane;
  /** Of an administrator. */
  kube: Kube;
}

/**
 * Installs the CRDs, gives the programs their rights, and prepares their places.
 *
 * @param events URL that the programs post events to
 */
export async function deployStack(
  description: StackDescription,
  cluster: Cluster,
  events: string,
  options: DeployOptions = {},
): Promise<DeployedStack> {
  await using stack = new AsyncDisposableStack();
  const { processes } = description;
  const { path: directory } = stack.use(await openPrivateDirectory());
  const storage = join(directory, "storage");
  await mkdir(storage);
  await installCrds(cluster.kube, description.crds);
  const kubeconfigOf = await kubeconfigsOf(description, cluster, options);
  const places: Omit<Places, "kubeconfig"> = {
    events,
    directory,
    port: String(await freePort()),
    binaries: await binariesOfControllers(),
  };
  const placesOf = (name: string): Places => ({ ...places, kubeconfig: kubeconfigOf(name) });
  const programs = stack.use(createPrograms(processes, placesOf, options.args ?? {}));
  const all = stack.move();
  return {
    ...programs,
    directory,
    kubeconfigOf,
    startAll: async () => void (await Promise.all(processes.map(({ name }) => programs.start(name)))),
    removeStorage: async () => {
      await rm(storage, { recursive: true, force: true });
      await mkdir(storage);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function kubeconfigsOf(
  { processes }: StackDescription,
  cluster: Cluster,
  { values = {}, allRights = false }: DeployOptions,
): Promise<(name: string) => string> {
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
