/** A program that Leat runs or is tested against. */
export type BinaryName =
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "kwok"
  | "helm"
  | "kustomize"
  | "kustomize-renderer"
  | "sandbox-probe"
  | "sops"
  | "promtool";

/** Where a binary comes from when the machine has none. */
export interface PartSource {
  version: string;
  /** Folder in `modules/`, whose go.mod and go.sum pin everything it is built from. */
  module: string;
  /** Go package of its `main`. */
  package: string;
  /** Go variables that a release sets when it is linked. */
  variables: Record<string, string>;
  /** Build constraints, where not everything is needed that a release has. */
  tags?: string[];
  /** Of the Go module, where it is another than that of the release. */
  moduleVersion?: string;
  /**
   * The Go module that sources of ours are made around, whose version this is. They are the files below the folder, are
   * published nowhere, and their digest tells one build from another.
   */
  library?: string;
}

const kubernetesVersion = "1.37.2";

const prometheusVersion = "3.13.5";

const kustomizeVersion = "5.8.2";

const versionPackages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];

const kubernetesVariables = Object.fromEntries(
  versionPackages.flatMap((name) => [
    [`${name}.gitVersion`, `v${kubernetesVersion}`],
    [`${name}.gitMajor`, "1"],
    [`${name}.gitMinor`, "37"],
    [`${name}.gitTreeState`, "clean"],
    // Which commit it was is not known to a module.
    [`${name}.gitCommit`, ""],
  ]),
);

function kubernetes(name: BinaryName): PartSource {
  return {
    version: kubernetesVersion,
    module: "kubernetes",
    package: `k8s.io/kubernetes/cmd/${name}`,
    variables: kubernetesVariables,
  };
}

/** In the order in which they are needed, and so made. */
export const parts: Record<BinaryName, PartSource> = {
  etcd: { version: "3.7.3", module: "etcd", package: "go.etcd.io/etcd/server/v3", variables: {} },
  "kube-apiserver": kubernetes("kube-apiserver"),
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  kwok: { version: "0.8.0", module: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok", variables: {} },
  kustomize: {
    version: kustomizeVersion,
    module: "kustomize",
    package: "sigs.k8s.io/kustomize/kustomize/v5",
    variables: {},
  },
  "kustomize-renderer": {
    version: "0.21.2",
    module: "renderer",
    package: "leat.dev/toolchain/renderer/kustomize",
    // What `managedByLabel` writes into objects.
    variables: { "sigs.k8s.io/kustomize/api/provenance.version": `v${kustomizeVersion}` },
    library: "sigs.k8s.io/kustomize/api",
  },
  // For the tests of libs/sandbox.
  "sandbox-probe": {
    version: "1.6.0",
    module: "renderer",
    package: "leat.dev/toolchain/renderer/probe",
    variables: {},
    library: "github.com/elastic/go-seccomp-bpf",
  },
  kubectl: kubernetes("kubectl"),
  helm: {
    version: "4.3.1",
    module: "helm",
    package: "helm.sh/helm/v4/cmd/helm",
    variables: { "helm.sh/helm/v4/internal/version.version": "v4.3.1" },
  },
  sops: { version: "3.13.3", module: "sops", package: "github.com/getsops/sops/v3/cmd/sops", variables: {} },
  promtool: {
    version: prometheusVersion,
    module: "prometheus",
    package: "github.com/prometheus/prometheus/cmd/promtool",
    variables: { "github.com/prometheus/common/version.Version": prometheusVersion },
    // Rules are checked without finding targets: the clients of twenty clouds stay out.
    tags: ["remove_all_sd"],
    moduleVersion: "0.313.5",
  },
};

export const binaryNames: readonly BinaryName[] = Object.keys(parts) as BinaryName[];

export function isBinaryName(text: string): text is BinaryName {
  return Object.hasOwn(parts, text);
}
