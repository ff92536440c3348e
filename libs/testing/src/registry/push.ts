import { hash } from "node:crypto";
import { requestServer, type ServerAddress, type ServerAnswer, type ServerRequest } from "../server/server-request.ts";
import type { RegistryCredentials } from "./credentials.ts";

export interface ImagePart {
  mediaType: string;
  content: string | Uint8Array;
  annotations?: Record<string, string>;
}

export interface PushedImage {
  /** Without the host, for example `charts/podinfo`. */
  repository: string;
  /** The manifest is pushed by its digest alone if absent. */
  tag?: string;
  layers: ImagePart[];
  /** The empty descriptor of OCI if absent. */
  config?: ImagePart;
  artifactType?: string;
  annotations?: Record<string, string>;
  /** Digest of the manifest in the same repository that this one refers to, for example as its signature. */
  subject?: string;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const emptyConfig: ImagePart = { mediaType: "application/vnd.oci.empty.v1+json", content: "{}" };

type Send = (request: ServerRequest) => Promise<ServerAnswer>;

/**
 * Pushes by plain requests of the OCI distribution specification 1.1, so that a client under test is not its own measure.
 *
 * @returns digest of the manifest
 * @throws Error with the registry's answer, if it rejects something
 */
export async function pushImage(
  address: ServerAddress,
  credentials: RegistryCredentials | undefined,
  image: PushedImage,
): Promise<string> {
  const authorization = await authorizationFor(address, credentials, image.repository);
  const send: Send = (request) =>
    requestServer(address, { ...request, headers: { ...request.headers, ...authorization } });
  const base = `/v2/${image.repository}`;
  const { artifactType, annotations } = image;
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: await pushBlob(send, base, image.config ?? emptyConfig),
    layers: await Promise.all(image.layers.map((layer) => pushBlob(send, base, layer))),
    ...(image.subject === undefined ? {} : { subject: await describe(send, base, image.subject) }),
    ...(annotations === undefined ? {} : { annotations }),
  });
  const digest = digestOf(manifest);
  await expect(201, send, {
    method: "PUT",
    path: `${base}/manifests/${image.tag ?? digest}`,
    headers: { "content-type": manifestType },
    body: manifest,
  });
  return digest;
}

async function pushBlob(send: Send, base: string, { mediaType, content, annotations }: ImagePart): Promise<Descriptor> {
  const digest = digestOf(content);
  const { headers } = await expect(202, send, { method: "POST", path: `${base}/blobs/uploads/` });
  const location = new URL(headers.location ?? "", "http://registry");
  location.searchParams.set("digest", digest);
  await expect(201, send, {
    method: "PUT",
    path: location.pathname + location.search,
    headers: { "content-type": "application/octet-stream" },
    body: content,
  });
  return { mediaType, digest, size: Buffer.byteLength(content), ...(annotations === undefined ? {} : { annotations }) };
}

async function describe(send: Send, base: string, digest: string): Promise<Descriptor> {
  const headers = { accept: manifestType };
  const { body } = await expect(200, send, { path: `${base}/manifests/${digest}`, headers });
  return { mediaType: manifestType, digest, size: body.length };
}

/** Basic authentication, or a token of the server that the registry names. */
async function authorizationFor(
  address: ServerAddress,
  credentials: RegistryCredentials | undefined,
  repository: string,
): Promise<Record<string, string>> {
  if (credentials === undefined) return {};
  const basic = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  const { headers } = await requestServer(address, { path: "/v2/" });
  const [, realm, service] = /^Bearer realm="([^"]+)",service="([^"]+)"/.exec(headers["www-authenticate"] ?? "") ?? [];
  if (realm === undefined || service === undefined) return { authorization: basic };
  const scope = `repository:${repository}:pull,push`;
  const path = `${realm}?${new URLSearchParams({ service, scope }).toString()}`;
  const { body } = await requestServer({ url: realm }, { path, headers: { authorization: basic } });
  const { token } = JSON.parse(body.toString()) as { token: string };
  return { authorization: `Bearer ${token}` };
}

function digestOf(content: string | Uint8Array): string {
  return `sha256:${hash("sha256", content)}`;
}

async function expect(status: number, send: Send, request: ServerRequest): Promise<ServerAnswer> {
  const answer = await send(request);
  if (answer.status === status) return answer;
  throw new Error(`${request.method ?? "GET"} ${request.path}: ${answer.status} ${answer.body.toString()}`);
}
