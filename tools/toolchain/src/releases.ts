import { type BinaryName, parts } from "./parts.ts";
import type { Platform } from "./platform.ts";

/** A file that a project has published. */
export interface Release {
  url: string;
  /** Path of the program in the archive, where the file is a `.tar.gz`. */
  member?: string;
  /** SHA-256 of the file, in hex, where it is known here. */
  sha256?: string;
  /** File beside it that has its SHA-256, used where it is not known here. */
  checksumUrl?: string;
}

/**
 * Checksums that at least two independent public records agree on. `node tools/toolchain/src/main.ts --checksums` prints
 * what the projects publish, on a machine that can reach them.
 */
const knownChecksums: Record<string, string> = {
  "kwok 0.8.0 linux/amd64": "f5a4385a2ae1b9dd7f8acae18e002a75c0ebba124ae9d7259aa8dadb50711f46",
  "kustomize 5.8.2 linux/amd64": "06af0a202c2b831207d0173f9c9cdb1b30abceca0747cb3fbb72792d26055c95",
  "kustomize 5.8.2 linux/arm64": "0991957191951cb7dddd142403b5bb98a1fcd6378ba0079dddc1e2c309080a7f",
};

/** The official file with a binary for a platform, `undefined` where there is none that we can use. */
export function releaseOf(name: BinaryName, platform: Platform): Release | undefined {
  const file = fileOf(name, platform);
  if (file === undefined) return undefined;
  const sha256 = knownChecksums[`${name} ${parts[name].version} ${platform}`];
  return sha256 === undefined ? file : { ...file, sha256 };
}

interface Publication {
  /** Systems for which there is a file that we can use. */
  systems: string[];
  file: (version: string, system: string, processor: string) => Release;
}

const unix = ["linux", "darwin"];

const publications: Partial<Record<BinaryName, Publication>> = {
  // For darwin there is a .zip only.
  etcd: { systems: ["linux"], file: etcdFile },
  "kube-apiserver": { systems: ["linux"], file: kubernetesFile("kube-apiserver") },
  "kube-controller-manager": { systems: ["linux"], file: kubernetesFile("kube-controller-manager") },
  "kube-scheduler": { systems: ["linux"], file: kubernetesFile("kube-scheduler") },
  kubectl: { systems: unix, file: kubernetesFile("kubectl") },
  kwok: { systems: unix, file: kwokFile },
  helm: { systems: unix, file: helmFile },
  kustomize: { systems: unix, file: kustomizeFile },
  sops: { systems: unix, file: sopsFile },
  promtool: { systems: unix, file: prometheusFile },
  registry: { systems: ["linux"], file: distributionFile },
  versitygw: { systems: unix, file: versitygwFile },
  gitea: { systems: ["linux"], file: giteaFile },
};

function fileOf(name: BinaryName, platform: Platform): Release | undefined {
  const [system = "", processor = ""] = platform.split("/");
  const publication = publications[name];
  return publication?.systems.includes(system) ? publication.file(parts[name].version, system, processor) : undefined;
}

function etcdFile(version: string, system: string, processor: string): Release {
  const base = `https://github.com/etcd-io/etcd/releases/download/v${version}`;
  const name = `etcd-v${version}-${system}-${processor}`;
  return { url: `${base}/${name}.tar.gz`, member: `${name}/etcd`, checksumUrl: `${base}/SHA256SUMS` };
}

function kubernetesFile(name: BinaryName): Publication["file"] {
  return (version, system, processor) => {
    const url = `https://dl.k8s.io/v${version}/bin/${system}/${processor}/${name}`;
    return { url, checksumUrl: `${url}.sha256` };
  };
}

function kwokFile(version: string, system: string, processor: string): Release {
  return { url: `https://github.com/kubernetes-sigs/kwok/releases/download/v${version}/kwok-${system}-${processor}` };
}

function helmFile(version: string, system: string, processor: string): Release {
  const url = `https://get.helm.sh/helm-v${version}-${system}-${processor}.tar.gz`;
  return { url, member: `${system}-${processor}/helm`, checksumUrl: `${url}.sha256sum` };
}

function kustomizeFile(version: string, system: string, processor: string): Release {
  const base = `https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv${version}`;
  return {
    url: `${base}/kustomize_v${version}_${system}_${processor}.tar.gz`,
    member: "kustomize",
    checksumUrl: `${base}/checksums.txt`,
  };
}

function prometheusFile(version: string, system: string, processor: string): Release {
  const base = `https://github.com/prometheus/prometheus/releases/download/v${version}`;
  const name = `prometheus-${version}.${system}-${processor}`;
  return { url: `${base}/${name}.tar.gz`, member: `${name}/promtool`, checksumUrl: `${base}/sha256sums.txt` };
}

function sopsFile(version: string, system: string, processor: string): Release {
  const base = `https://github.com/getsops/sops/releases/download/v${version}/sops-v${version}`;
  return { url: `${base}.${system}.${processor}`, checksumUrl: `${base}.checksums.txt` };
}

function distributionFile(version: string, system: string, processor: string): Release {
  const base = "https://github.com/distribution/distribution/releases/download";
  const url = `${base}/v${version}/registry_${version}_${system}_${processor}.tar.gz`;
  return { url, member: "registry", checksumUrl: `${url}.sha256` };
}

function versitygwFile(version: string, system: string, processor: string): Release {
  const base = `https://github.com/versity/versitygw/releases/download/v${version}`;
  const title = { linux: "Linux", darwin: "Darwin" }[system];
  const name = `versitygw_v${version}_${title}_${processor === "amd64" ? "x86_64" : processor}`;
  return { url: `${base}/${name}.tar.gz`, member: `${name}/versitygw`, checksumUrl: `${base}/checksums.txt` };
}

/** The whole of it in one file: templates and options too. */
function giteaFile(version: string, system: string, processor: string): Release {
  const url = `https://dl.gitea.com/gitea/${version}/gitea-${version}-${system}-${processor}`;
  return { url, checksumUrl: `${url}.sha256` };
}
