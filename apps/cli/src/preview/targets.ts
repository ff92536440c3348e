import { core, type Kustomization } from "@leat/api";
import type { Http } from "@leat/http";
import { createIdentities } from "@leat/identity";
import type { Kube } from "@leat/kube";
import { impersonated, readAccess } from "@leat/deploy";
import { Failure } from "../program/failure.ts";
import { versionText } from "../program/version-text.ts";
import { subjectOf } from "./rendering.ts";

/** The cluster that a Kustomization is applied to. */
export interface Target extends AsyncDisposable {
  /** As the caller, or as the kubeconfig says. */
  kube: Kube;
  /** As its ServiceAccount, where the caller may act as that. */
  acting: Kube;
}

export interface TargetOptions {
  warn: (text: string) => void;
  /** For clouds. */
  http: Http;
  signal: AbortSignal;
}

/** @throws Failure where the cluster of `spec.kubeConfig` cannot be used */
export async function openTarget(
  kube: Kube,
  object: Kustomization,
  { warn, http, signal }: TargetOptions,
): Promise<Target> {
  await using stack = new AsyncDisposableStack();
  const remote = await remoteOf({ kube, http }, object, signal);
  const target = remote === undefined ? kube : stack.use(remote);
  const { as } = impersonated(object, { target, defaultServiceAccount: "" });
  const mayAct = as !== undefined && (await mayImpersonate(target, object, signal));
  if (as !== undefined && !mayAct) {
    const account = `${object.metadata.namespace}/${object.spec.serviceAccountName}`;
    warn(
      `${subjectOf(object)} is applied as ServiceAccount ${account}, which you may not impersonate: compared with your own permissions`,
    );
  }
  const opened = stack.move();
  return { kube: target, acting: mayAct ? as : target, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function remoteOf(
  { kube, http }: { kube: Kube; http: Http },
  object: Kustomization,
  signal: AbortSignal,
): Promise<Kube | undefined> {
  const { metadata, spec } = object;
  if (spec.kubeConfig === undefined) return undefined;
  const options = {
    kube,
    // A token is asked for once.
    identities: createIdentities({ kube, http, local: http, env: {}, cache: noCache, permitAccounts: true }),
    permitInsecureTls: false,
    defaultKubeconfigServiceAccount: "",
    permitOwnToken: false,
  };
  const access = await readAccess(options, { reference: spec.kubeConfig, namespace: metadata.namespace, signal });
  if (access.kind === "found") return access.connect({ userAgent: `leat/${versionText}` });
  throw new Failure(`${subjectOf(object)}: cannot use the cluster of ${access.name}: ${access.message}`);
}

const noCache = { maxSize: 0, maxDurationMs: 0 };

async function mayImpersonate(target: Kube, { metadata, spec }: Kustomization, signal: AbortSignal): Promise<boolean> {
  const { namespace } = metadata;
  const resourceAttributes = {
    verb: "impersonate",
    resource: "serviceaccounts",
    namespace,
    name: spec.serviceAccountName,
  };
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: core.SelfSubjectAccessReview.kind,
    metadata: { name: "" },
    spec: { resourceAttributes },
  };
  const { status } = await target.create(core.SelfSubjectAccessReview, review, {
    fieldManager: "leat",
    signal,
  });
  return (status as { allowed?: boolean } | undefined)?.allowed === true;
}
