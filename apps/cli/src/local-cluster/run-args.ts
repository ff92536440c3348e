import { controllers, flagsHere } from "@leat/controllers";
import type { BinaryName } from "@leat/toolchain";

export interface RunArgsOptions {
  kubeconfig: string;
  /** Paths of the programs that the controllers start. */
  binaries: Partial<Record<BinaryName, string>>;
  /** Where the artifacts and the builds go. */
  directory: string;
  /** Of the artifact server; 0 for a free one. */
  port: string;
}

/** Those that `leat cluster` and `leat demo` are about. */
export const localControllers = controllers.filter(({ key }) => ["source", "kustomize"].includes(key));

/** The arguments of `leat` that run these controllers on this machine. */
export function runArgs({ kubeconfig, binaries, ...places }: RunArgsOptions): string[] {
  const names = localControllers.map(({ key }) => key).join(",");
  const flags = localControllers.flatMap((each) => flagsHere(each, places, (name) => binaries[name]));
  return ["run", "--controllers", names, `--kubeconfig=${kubeconfig}`, ...flags];
}
