import type { Kustomization } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import { type Environment, type Http, proxyVariables } from "@leat/http";
import { type Kube, readConfigData } from "@leat/kube";
import { type Build, createBuilder } from "@leat/kustomize";
import { deniedIdentity } from "@leat/identity";
import { buildKustomization, createPostBuild, kustomizeBinary } from "@leat/kustomize-controller";
import { findProgram } from "@leat/process";
import { type KeyServiceIdentity, readKeys } from "@leat/sops";
import { Failure } from "../program/failure.ts";
import type { LocalSource } from "./local-source.ts";

export interface RenderingOptions {
  /** Reads variables and keys with the rights of the command's user; `undefined` without a cluster: then both stay as they are written. */
  kube: Kube | undefined;
  /** Names or paths of the programs that build. */
  kustomizeBinary: string;
  kustomizeRenderer: string;
  noRemoteBases: boolean;
  /** Whether a variable that is not set and has no default is an error; else it is empty. */
  isStrict: boolean;
  /** Whether what is encrypted is to be read, if the keys may be. */
  decrypt: boolean;
  /** Of the controller: Secret with age keys for Kustomizations that name none. */
  sopsAgeSecret: ObjectKey | undefined;
  /** For key services. */
  http: Http;
  /** Where programs are looked for, and the proxies for remote bases. */
  environment: Environment;
  /** Private, for temporary files. */
  directory: string;
  /** Told what is not as it will be in the cluster. */
  warn: (text: string) => void;
}

export type Built = Build & { kind: "built" };

/** Builds Kustomizations with what the controller builds them with. */
export interface Rendering extends AsyncDisposable {
  /** @throws Failure with what the controller would say where it could not build */
  render: (object: Kustomization, source: LocalSource, signal: AbortSignal) => Promise<Built>;
}

export function createRendering(options: RenderingOptions): Rendering {
  const { kube, http, isStrict, noRemoteBases, directory, environment } = options;
  const builder = createBuilder({
    kustomize: () => kustomizeBinary(options.kustomizeBinary, environment["PATH"]),
    renderer: () => findProgram(options.kustomizeRenderer, environment["PATH"]),
    directory,
    noRemoteBases,
    remoteEnvironment: proxyVariables(environment),
  });
  const world = {
    // Never asked without a cluster: nothing is decrypted then.
    kube: kube ?? { get: async () => undefined },
    builder,
    postBuild: createPostBuild({ kube, isStrict }),
    sopsAgeSecret: options.sopsAgeSecret,
    keyServiceIdentityFor: async () => deniedIdentity("a preview only uses keys from a Secret"),
    readKeys: async (entries: ReadonlyMap<string, Buffer>, identity: KeyServiceIdentity) =>
      readKeys(entries, { http }, identity),
  };
  return {
    render: async (declared, { files, path, name }, signal) => {
      const readable = await readableOf(options, declared, signal);
      const object = { ...readable, spec: { ...readable.spec, path } };
      const built = await buildKustomization(world, { object, run: { signal } }, files);
      if (built.kind === "built") return built;
      throw new Failure(`${subjectOf(declared)} cannot be built from ${name}: ${built.message}`);
    },
    [Symbol.asyncDispose]: () => builder[Symbol.asyncDispose](),
  };
}

export function subjectOf({ metadata }: Kustomization): string {
  return `Kustomization ${metadata.namespace}/${metadata.name}`;
}

/** The object as it is built here: without `spec.decryption` where the keys are not to be had. */
async function readableOf(
  options: RenderingOptions,
  object: Kustomization,
  signal: AbortSignal,
): Promise<Kustomization> {
  if (object.spec.decryption === undefined) return object;
  const why = await whyEncrypted(options, object, signal);
  if (why === undefined) return object;
  options.warn(`${subjectOf(object)}: not decrypted, because ${why}`);
  const { decryption: _, ...spec } = object.spec;
  return { ...object, spec };
}

async function whyEncrypted(
  { kube, decrypt, sopsAgeSecret }: RenderingOptions,
  { metadata, spec }: Kustomization,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (kube === undefined) return "there is no cluster to read keys from";
  if (!decrypt) return "--no-decrypt is set";
  const own = spec.decryption?.secretRef;
  const key = own ? { namespace: metadata.namespace, name: own.name } : sopsAgeSecret;
  if (key === undefined) return "the controller's keys are unknown here (set --sops-age-secret)";
  const read = await readConfigData(kube, { kind: "Secret", ...key }, signal);
  return read.kind === "forbidden" ? `you may not read the keys in ${read.subject}` : undefined;
}
