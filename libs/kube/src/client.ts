import { core, Fault, type KubeObject, type Resource } from "@leat/api";
import { isHeaderValue } from "@leat/http";
import { jsonForYaml } from "@leat/json";
import { isNotFound } from "./api-error.ts";
import type { Discovery } from "./discovery.ts";
import { parseAnswer } from "./json.ts";
import type {
  Applied,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  Kube,
  ObjectRef,
  Patch,
  PatchOptions,
  Selection,
  Token,
  TokenRequest,
  WatchOptions,
  WriteOptions,
} from "./kube.ts";
import { readLogs } from "./logs.ts";
import { acceptMetadata, list, restoreKind } from "./list.ts";
import { collectionPath, objectPath, type Query, refOf, withQuery } from "./path.ts";
import type { ApiRequest, Transport } from "./transport.ts";
import { watch } from "./watch.ts";
import type { WatchTiming } from "./watch-session.ts";

export interface ClientParts {
  transport: Transport;
  discovery: Discovery;
  timing: WatchTiming;
  /** Sent with every request: whom to act as. */
  headers: Record<string, string>;
}

/** All that {@link Kube} does, over one transport. Disposing of it is up to who owns the transport. */
export function createClient(parts: ClientParts): Omit<Kube, typeof Symbol.asyncDispose> {
  const { transport, discovery, timing, headers } = parts;
  return {
    get: (ref, options) => get(parts, ref, options),
    list: (selection, options) => list(transport, headers, selection, options),
    watch: <Kept>(selection: Selection, signal: AbortSignal, options: WatchOptions<Kept> = {}) => {
      const { keep = (object: KubeObject) => object as Kept } = options;
      const listAll = () => list(transport, headers, selection, { signal, keep });
      return watch({ transport, headers, timing, list: listAll }, selection, { ...options, keep, signal });
    },
    create: (resource, object, options) => create(parts, resource, object, options),
    apply: (resource, object, options) => apply(parts, resource, object, options),
    patch: (ref, body, options) => patch(parts, ref, body, options),
    replace: (resource, object, options) => replace(parts, resource, object, options),
    delete: (ref, options) => remove(parts, ref, options),
    createToken: (request) => createToken(parts, request),
    logs: (request, signal) => readLogs(transport, headers, request, signal),
    serverVersion: (options) => serverVersion(parts, options),
    resourceOf: (apiVersion, kind, options) => discovery.resourceOf(apiVersion, kind, options),
    resourceNamed: (word, options) => discovery.resourceNamed(word, options),
    impersonate: (user) => {
      if (!isHeaderValue(user)) {
        throw new Fault("InvalidReference", `${JSON.stringify(user)} is not a valid user or ServiceAccount name`);
      }
      return {
        ...createClient({ ...parts, headers: { ...headers, "impersonate-user": user } }),
        // The connections are its parent's.
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}

async function get(
  parts: ClientParts,
  ref: ObjectRef,
  options: CallOptions & { metadataOnly?: boolean } = {},
): Promise<KubeObject | undefined> {
  // A server takes what follows an encoded slash for a subresource.
  if (ref.name.includes("/")) return undefined;
  const request = {
    verb: "get",
    method: "GET",
    path: objectPath(ref),
    repeatable: true,
    ...target(parts, ref.resource, options),
  } as const;
  try {
    const { text } = await parts.transport.send(request, options);
    return objectOf(text, ref.resource);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function create(
  parts: ClientParts,
  resource: Resource,
  object: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  const path = withQuery(collectionPath(resource, object.metadata.namespace), writeQuery(options));
  const write = {
    verb: "create",
    method: "POST",
    path,
    type: "application/json",
    body: object,
    repeatable: options.dryRun === true,
  } as const;
  return (await send(parts, resource, write, options)).object;
}

async function apply(
  parts: ClientParts,
  resource: Resource,
  object: KubeObject,
  options: ApplyOptions,
): Promise<Applied> {
  const query = { ...writeQuery(options), force: options.force || undefined };
  const path = withQuery(objectPath(refOf(resource, object)), query);
  const write = {
    verb: "apply",
    method: "PATCH",
    path,
    type: "application/apply-patch+yaml",
    body: object,
    repeatable: true,
  } as const;
  const { object: applied, code } = await send(parts, resource, write, options);
  return { object: applied, created: code === 201 };
}

async function patch(
  parts: ClientParts,
  ref: ObjectRef,
  { type, body }: Patch,
  options: PatchOptions,
): Promise<KubeObject> {
  const path = withQuery(objectPath(ref, options.subresource), writeQuery(options));
  // A JSON patch may add to a list or test what it changes; doing that twice is something else.
  const repeatable = type === "merge" || options.dryRun === true;
  const write = { verb: "patch", method: "PATCH", path, type: patchTypes[type], body, repeatable } as const;
  return (await send(parts, ref.resource, write, options)).object;
}

const patchTypes = { merge: "application/merge-patch+json", json: "application/json-patch+json" } as const;

async function replace(
  parts: ClientParts,
  resource: Resource,
  object: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  const path = withQuery(objectPath(refOf(resource, object)), writeQuery(options));
  // With a resourceVersion, the second of two is a conflict with the first.
  const repeatable = object.metadata.resourceVersion === undefined || options.dryRun === true;
  return (
    await send(
      parts,
      resource,
      { verb: "update", method: "PUT", path, type: "application/json", body: object, repeatable },
      options,
    )
  ).object;
}

async function remove(parts: ClientParts, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
  const { propagation, preconditions } = options;
  const body = JSON.stringify({
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: propagation,
    preconditions,
  });
  const { resource, headers } = target(parts, ref.resource, {});
  const request = {
    verb: "delete",
    resource,
    method: "DELETE",
    path: objectPath(ref),
    body,
    repeatable: true,
  } as const;
  try {
    await parts.transport.send({ ...request, headers: { ...headers, "content-type": "application/json" } }, options);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function createToken(
  { transport, headers }: ClientParts,
  { namespace, name, audiences, ...options }: TokenRequest,
): Promise<Token> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences } };
  const { text } = await transport.send(
    {
      verb: "create",
      resource: "serviceaccounts",
      method: "POST",
      path: objectPath({ resource: core.ServiceAccount, namespace, name }, "token"),
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
      // A token more does no harm.
      repeatable: true,
    },
    options,
  );
  const { status } = parseAnswer(text, "a request for a token") as TokenAnswer;
  return { token: status.token, expiresAt: new Date(status.expirationTimestamp) };
}

interface TokenAnswer {
  status: { token: string; expirationTimestamp: string };
}

async function serverVersion({ transport, headers }: ClientParts, options: CallOptions = {}): Promise<string> {
  const request = { verb: "get", resource: "", method: "GET", path: "/version", headers, repeatable: true } as const;
  const { text } = await transport.send(request, options);
  const { gitVersion } = parseAnswer(text, "a request for the version") as { gitVersion: string };
  return gitVersion;
}

type Write = Pick<ApiRequest, "verb" | "method" | "path" | "repeatable"> & { type: string; body: unknown };

async function send(parts: ClientParts, of: Resource, { type, body, ...request }: Write, options: WriteOptions) {
  const { resource, headers } = target(parts, of, options);
  const answer = await parts.transport.send(
    { ...request, resource, headers: { ...headers, "content-type": type }, body: jsonForYaml(body) },
    options,
  );
  return { object: objectOf(answer.text, of), code: answer.code };
}

function target({ headers }: ClientParts, resource: Resource, { metadataOnly = false }: { metadataOnly?: boolean }) {
  return { resource: resource.plural, headers: metadataOnly ? { ...headers, accept: acceptMetadata } : headers };
}

/** Without `Strict` the server drops fields it does not know and only warns. */
function writeQuery({ fieldManager, dryRun = false }: WriteOptions): Query {
  return { fieldManager, fieldValidation: "Strict", dryRun: dryRun ? "All" : undefined };
}

function objectOf(text: string, resource: Resource): KubeObject {
  return restoreKind(parseAnswer(text, `a request for ${resource.plural}`) as KubeObject, resource);
}
