import { GitRepository, type KubeObject, Kustomization } from "@leat/api";
import { type EnvironmentName, environments } from "./sample-repository.ts";

/** Namespace of what steers the demo. */
export const steeringNamespace = "leat-demo";

/** Name of the GitRepository. */
export const repositoryName = "shop";

/** Name of the Secret with the key that opens what is encrypted in Git. */
const keysName = "sops-keys";

/**
 * What a user declares once, in the order in which it is applied. Production waits for staging, and staging for dev.
 *
 * @param identity age key for what is encrypted in Git
 */
export function declarations(cloneUrl: string, identity: string): KubeObject[] {
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: steeringNamespace } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: keysName, namespace: steeringNamespace },
      stringData: { "age.agekey": identity },
    },
    {
      apiVersion: GitRepository.apiVersion,
      kind: GitRepository.kind,
      metadata: { name: repositoryName, namespace: steeringNamespace },
      spec: { url: cloneUrl, ref: { branch: "main" }, interval: "10s" },
    },
    ...environments.map(kustomization),
  ];
}

function kustomization(name: EnvironmentName, index: number): KubeObject {
  const before = environments[index - 1];
  return {
    apiVersion: Kustomization.apiVersion,
    kind: Kustomization.kind,
    metadata: { name, namespace: steeringNamespace },
    spec: {
      sourceRef: { kind: GitRepository.kind, name: repositoryName },
      path: `./shop/${name}`,
      interval: "10m",
      timeout: "1m",
      prune: true,
      wait: true,
      decryption: { provider: "sops", secretRef: { name: keysName } },
      ...(before === undefined ? {} : { dependsOn: [{ name: before }] }),
    },
  };
}
