import { join } from "node:path";
import { GitRepository, type KubeObject, Kustomization } from "@leat/api";
import { eventually, type GitTestRepository, openPrivateDirectory, startGitServer } from "@leat/testing";
import { conditionOf } from "../src/cluster/condition-of.ts";
import { prepareBinaries } from "../src/local-cluster/prepare-binaries.ts";
import { runControllers } from "../src/run/run.ts";
import { openSetting, type Setting } from "./fixture.ts";

/** A {@link Setting} in whose namespace Leat's controllers run, with a Git repository. */
export interface Live extends Setting {
  repository: GitTestRepository;
  /** Declares a GitRepository `repo` of the repository and a Kustomization of it, and waits until that is ready. */
  deploy: (name: string, spec?: object) => Promise<void>;
  untilReady: (kind: "GitRepository" | "Kustomization", name: string) => Promise<KubeObject>;
}

const readyTimeoutMs = 60_000;

export async function openLive(): Promise<Live> {
  await using stack = new AsyncDisposableStack();
  const setting = stack.use(await openSetting());
  const git = stack.use(await startGitServer());
  const repository = await git.createRepository("repo");
  stack.use(await startControllers(setting));
  const { kube, namespace } = setting;
  const untilReady: Live["untilReady"] = async (kind, name) => {
    const resource = kind === "GitRepository" ? GitRepository : Kustomization;
    const readied = async () => {
      const object = await kube.get({ resource, namespace, name });
      return conditionOf(object, "Ready")?.status === "True" ? object : undefined;
    };
    return eventually(readied, { what: `${kind} ${name} to be ready`, timeoutMs: readyTimeoutMs });
  };
  const owned = stack.move();
  return {
    ...setting,
    repository,
    untilReady,
    deploy: async (name, spec = {}) => {
      const sourceRef = { kind: "GitRepository", name: "repo" };
      const source = { url: repository.url, ref: { branch: "main" }, interval: "10m" };
      const kustomization = { sourceRef, path: `./${name}`, interval: "10m", prune: true, ...spec };
      const options = { fieldManager: "cli-test", force: true };
      await kube.apply(GitRepository, declared(GitRepository, "repo", namespace, source), options);
      await kube.apply(Kustomization, declared(Kustomization, name, namespace, kustomization), options);
      await untilReady("Kustomization", name);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function declared(
  { apiVersion, kind }: { apiVersion: string; kind: string },
  name: string,
  namespace: string,
  spec: object,
): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

/** They reconcile the objects of the setting's namespace only: those of other tests are none of theirs. */
async function startControllers({ controlPlane, namespace }: Setting): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await openPrivateDirectory());
  const stop = new AbortController();
  const binaries = await prepareBinaries(() => {}, stop.signal);
  const renderer = binaries["kustomize-renderer"];
  const flags = {
    kubeconfig: controlPlane.kubeconfig,
    "watch-all-namespaces": "false",
    "kustomize-binary": binaries.kustomize,
    ...(renderer && { "kustomize-renderer": renderer }),
    "work-directory": join(path, "work"),
    "storage-path": join(path, "artifacts"),
    "storage-addr": "127.0.0.1:0",
    "metrics-addr": "0",
    "health-addr": "0",
  };
  const { PATH = "", HOME = "" } = process.env;
  const running = runControllers({
    controllers: "source,kustomize",
    args: Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    environment: { PATH, HOME, RUNTIME_NAMESPACE: namespace },
    write: () => {},
    signal: stop.signal,
  });
  stack.defer(async () => {
    stop.abort();
    await running;
  });
  const owned = stack.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
