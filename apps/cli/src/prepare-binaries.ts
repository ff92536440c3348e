import { binaries, type BinaryName, progressText } from "@leat/toolchain";

const names = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kubectl",
  "kustomize",
] as const satisfies BinaryName[];

/**
 * Paths of what a control plane and the controllers run; fetched or built where the machine does not have them yet.
 *
 * @param progress told what is being done, in a few words
 * @throws Error that says what is missing and how to mend it
 */
export function prepareBinaries(
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<Record<(typeof names)[number], string>> {
  return binaries(names, { signal, onProgress: (state) => progress(progressText(state)) });
}
