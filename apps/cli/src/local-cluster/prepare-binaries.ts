import { delimiter, dirname } from "node:path";
import { binaries, binary, type BinaryName, type Progress, progressText } from "@leat/toolchain";

const names = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kubectl",
  "kustomize",
] as const satisfies BinaryName[];

/** Paths by the names of the binaries. */
export type Binaries = Record<(typeof names)[number], string> & {
  /** Absent where this machine can neither fetch nor build it: kustomize then does without. */
  "kustomize-renderer"?: string;
};

/**
 * Paths of what a control plane and the controllers run; fetched or built where the machine does not have them yet.
 *
 * @param progress told what is being done, in a few words
 * @throws Error that says what is missing and how to mend it
 */
export async function prepareBinaries(progress: (text: string) => void, signal: AbortSignal): Promise<Binaries> {
  const options = { signal, onProgress: (state: Progress) => progress(progressText(state)) };
  const needed: Record<(typeof names)[number], string> = await binaries(names, options);
  try {
    return { ...needed, "kustomize-renderer": await binary("kustomize-renderer", options) };
  } catch {
    signal.throwIfAborted();
    return needed;
  }
}

/** The directories of the programs that a person and `leat` run, for the `PATH`. */
export function searchPathOf({ kubectl, kustomize, "kustomize-renderer": renderer }: Binaries): string {
  const paths = [kubectl, kustomize, ...(renderer === undefined ? [] : [renderer])];
  return [...new Set(paths.map((path) => dirname(path)))].join(delimiter);
}
