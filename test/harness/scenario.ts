import { type Artifact, type Condition, type KubeObject, requestedAtAnnotation } from "@leat/api";
import type { Kube, ObjectRef } from "@leat/kube";
import { createTestNamespace, eventually, type GitServer, type GitTestRepository } from "@leat/testing";
import { parseYamlDocuments } from "@leat/yaml";
import { type Harness, logLinesOf } from "./harness.ts";

export type Files = Parameters<GitTestRepository["commit"]>[0];

/** One test's own world: a namespace and a Git repository on a shared harness. */
export interface Scenario<Own extends Harness = Harness> extends AsyncDisposable {
  namespace: string;
  kube: Kube;
  harness: Own;
  repository: GitTestRepository;
  /** Commits to the branch, with messages `commit 1`, `commit 2`, …; gives the commit's id. `{{ns}}` in files is the namespace. */
  commit: (files: Files, branch?: string) => Promise<string>;
  /** Applies manifests as a user, into the namespace where they name none; `{{ns}}` and `{{url}}` are filled in. */
  apply: (manifests: string) => Promise<void>;
  /** `Kind/name` in the namespace (or `apiVersion:Kind/name`), `undefined` where it does not exist. */
  get: (subject: string) => Promise<KubeObject | undefined>;
  delete: (subject: string) => Promise<void>;
  /** Changes an object as a user would with `kubectl edit`: a merge patch by field manager `kubectl-edit`. */
  edit: (subject: string, patch: object) => Promise<KubeObject>;
  /** Changes an object's status by a merge patch. */
  editStatus: (subject: string, status: object) => Promise<KubeObject>;
  /** Asks for a reconciliation like `flux reconcile` does; gives the token. */
  request: (subject: string) => Promise<string>;
  /** Waits for the object to be in a state. */
  until: (
    subject: string,
    what: string,
    holds: (object: KubeObject) => boolean,
    timeoutMs?: number,
  ) => Promise<KubeObject>;
  untilGone: (subject: string, timeoutMs?: number) => Promise<void>;
  /** Waits for Ready=True for the current generation, and for a revision with this commit where one is given. */
  untilReady: (subject: string, commit?: string, timeoutMs?: number) => Promise<KubeObject>;
  /** Waits for Ready with this status and reason. */
  untilCondition: (subject: string, condition: Partial<Condition> & { type: string }) => Promise<KubeObject>;
}

/** @param git where the repository lies: a server of the scenario's own, or the harness's where none is given */
export async function startScenario<Own extends Harness>(
  harness: Own,
  name: string,
  git: GitServer = harness.git,
): Promise<Scenario<Own>> {
  const { kube, controlPlane } = harness;
  const { name: ns } = await createTestNamespace(controlPlane, `g-${name}`);
  const repository = await git.createRepository(ns);
  const fill = (text: string) => text.replaceAll("{{ns}}", ns).replaceAll("{{url}}", repository.url);
  let commits = 0;
  let requests = 0;
  const refOf = (subject: string) => refFrom(kube, ns, subject);
  const get = async (subject: string) => kube.get(await refOf(subject));
  const patienceMs = patienceOf(harness);
  const until: Scenario["until"] = async (subject, what, holds, timeoutMs = patienceMs) => {
    let last: KubeObject | undefined;
    const wanted = async () => {
      last = await get(subject);
      return last !== undefined && holds(last) ? last : undefined;
    };
    return eventually(wanted, { what: `${subject} ${what}`, timeoutMs }).catch(async (cause: Error) => {
      const log = await logLinesOf(harness, ns);
      throw new Error(`${cause.message}; its status: ${JSON.stringify(last?.["status"], undefined, 1)}\n${log}`, {
        cause,
      });
    });
  };
  return {
    namespace: ns,
    kube,
    harness,
    repository,
    commit: (files, branch = "main") =>
      repository.commit(filled(files, fill), { message: `commit ${++commits}`, branch }),
    apply: (manifests) => applyAll(kube, ns, fill(manifests)),
    get,
    delete: async (subject) => void (await kube.delete(await refOf(subject))),
    edit: async (subject, body) =>
      kube.patch(await refOf(subject), { type: "merge", body }, { fieldManager: "kubectl-edit" }),
    editStatus: async (subject, status) => {
      const options = { fieldManager: "kubectl-edit", subresource: "status" } as const;
      return kube.patch(await refOf(subject), { type: "merge", body: { status } }, options);
    },
    request: async (subject) => {
      const token = `request-${++requests}`;
      const body = { metadata: { annotations: { [requestedAtAnnotation]: token } } };
      await kube.patch(await refOf(subject), { type: "merge", body }, { fieldManager: "flux" });
      return token;
    },
    until,
    untilGone: async (subject, timeoutMs = patienceMs) => {
      await eventually(async () => (await get(subject)) === undefined, { what: `${subject} to be gone`, timeoutMs });
    },
    untilReady: (subject, commit, timeoutMs) =>
      until(subject, `to be ready${commit ? ` at ${commit}` : ""}`, (object) => isReady(object, commit), timeoutMs),
    untilCondition: (subject, wanted) =>
      until(subject, `to have ${JSON.stringify(wanted)}`, (object) =>
        conditionsOf(object).some((condition) => matches(condition, wanted)),
      ),
    [Symbol.asyncDispose]: () => harness.leave(ns),
  };
}

/** How long a test waits for a state. */
export function patienceOf({ stack }: Harness): number {
  return stack.patienceMs ?? 20_000;
}

interface StatusSeen {
  conditions?: Condition[];
  observedGeneration?: number;
  artifact?: Artifact;
  lastAppliedRevision?: string;
  lastHandledReconcileAt?: string;
}

export function statusOf(object: KubeObject | undefined): StatusSeen {
  return object?.["status"] ?? {};
}

function conditionsOf(object: KubeObject | undefined): Condition[] {
  return statusOf(object).conditions ?? [];
}

export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

function isReady(object: KubeObject, commit: string | undefined): boolean {
  const { artifact, lastAppliedRevision, observedGeneration } = statusOf(object);
  const ready = conditionOf(object, "Ready")?.status === "True" && observedGeneration === object.metadata.generation;
  const revision = artifact?.revision ?? lastAppliedRevision;
  return ready && (commit === undefined || revision?.endsWith(commit) === true);
}

function matches(condition: Condition, wanted: Partial<Condition>): boolean {
  return Object.entries(wanted).every(([key, value]) => condition[key as keyof Condition] === value);
}

function filled(files: Files, fill: (text: string) => string): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, typeof content === "string" ? fill(content) : content]),
  );
}

async function applyAll(kube: Kube, namespace: string, manifests: string): Promise<void> {
  for (const document of parseYamlDocuments(manifests, "manifest") as KubeObject[]) {
    const resource = await kube.resourceOf(document.apiVersion, document.kind);
    if (!resource) throw new Error(`no resource for ${document.apiVersion} ${document.kind}`);
    const own = resource.namespaced ? { namespace, ...document.metadata } : document.metadata;
    await kube.apply(resource, { ...document, metadata: own }, { fieldManager: "user", force: true });
  }
}

const apiVersions: Record<string, string> = {
  GitRepository: "source.toolkit.fluxcd.io/v1",
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  Job: "batch/v1",
  Role: "rbac.authorization.k8s.io/v1",
  RoleBinding: "rbac.authorization.k8s.io/v1",
  ClusterRole: "rbac.authorization.k8s.io/v1",
  CustomResourceDefinition: "apiextensions.k8s.io/v1",
};

async function refFrom(kube: Kube, namespace: string, subject: string): Promise<ObjectRef> {
  const match = /^(?:(.+):)?([^/]+)\/(.+)$/.exec(subject);
  const [, apiVersion, kind = "", name = ""] = match ?? [];
  const resource = await kube.resourceOf(apiVersion ?? apiVersions[kind] ?? "v1", kind);
  if (!resource) throw new Error(`no resource for ${subject}`);
  return { resource, name, ...(resource.namespaced && { namespace }) };
}
