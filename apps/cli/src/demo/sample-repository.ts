/**
 * The sample: one application in a mono-repo. `base` says what it is made of; each environment is an overlay that says
 * only in what it differs.
 *
 *   shop/base/{deployment,service,settings}.yaml
 *   shop/{dev,staging,production}/kustomization.yaml
 *   shop/production/credentials.yaml, once there are any
 */
export const environments = ["dev", "staging", "production"] as const;
export type EnvironmentName = (typeof environments)[number];

/** What the story changes from commit to commit. */
export interface SampleState {
  /** Tag of the application's image, for all environments. */
  version: string;
  /** Old ReplicaSets that are kept in all environments, as written into YAML. */
  revisionHistoryLimit: string;
  /** The encrypted file with the credentials of production. */
  credentials?: string;
}

export const firstState: SampleState = { version: "1.0.0", revisionHistoryLimit: "3" };
export const replicas: Readonly<Record<EnvironmentName, number>> = { dev: 1, staging: 2, production: 3 };

export function namespaceOf(environment: EnvironmentName): string {
  return `shop-${environment}`;
}

/** All files of the repository, by path. */
export function sampleFiles(state: SampleState): Record<string, string> {
  const overlays = environments.map((name) => [overlayPath(name), overlay(name, state)] as const);
  const namespaces = environments.map((name) => [`shop/${name}/namespace.yaml`, namespace(name)] as const);
  return {
    "README.md": readme,
    "shop/base/kustomization.yaml": base(state.version),
    [deploymentPath]: deployment(state.revisionHistoryLimit),
    "shop/base/service.yaml": service,
    "shop/base/settings.yaml": settings,
    ...(state.credentials !== undefined && { [credentialsPath]: state.credentials }),
    ...Object.fromEntries([...overlays, ...namespaces]),
  };
}

export function overlayPath(environment: EnvironmentName): string {
  return `shop/${environment}/kustomization.yaml`;
}

export const deploymentPath = "shop/base/deployment.yaml";
/** Where the credentials of production are. */
export const credentialsPath = "shop/production/credentials.yaml";

const readme = `# The sample of \`leat demo\`

\`shop/base\` is the application, \`shop/dev\`, \`shop/staging\` and \`shop/production\` are its environments.
Change something, commit, push, and watch the cluster follow.
`;

function base(version: string): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml
  - service.yaml
  - settings.yaml
images:
  - name: registry.example/shop
    newTag: ${version}
`;
}

function deployment(revisionHistoryLimit: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  revisionHistoryLimit: ${revisionHistoryLimit}
  selector:
    matchLabels:
      app: shop
  template:
    metadata:
      labels:
        app: shop
    spec:
      containers:
        - name: shop
          image: registry.example/shop
          envFrom:
            - configMapRef:
                name: shop-settings
`;
}

const service = `apiVersion: v1
kind: Service
metadata:
  name: shop
spec:
  selector:
    app: shop
  ports:
    - port: 80
      targetPort: 8080
`;

const settings = `apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-settings
data:
  GREETING: Good morning
`;

function overlay(name: EnvironmentName, { credentials }: SampleState): string {
  const more = name === "production" && credentials !== undefined ? "\n  - credentials.yaml" : "";
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${namespaceOf(name)}
resources:
  - namespace.yaml
  - ../base${more}
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: shop
      spec:
        replicas: ${replicas[name]}
  - patch: |
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: shop-settings
      data:
        STAGE: ${name}
`;
}

function namespace(name: EnvironmentName): string {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: ${namespaceOf(name)}
`;
}
