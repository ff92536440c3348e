import type { ServerAddress } from "../server/server-request.ts";
import { type BucketCredentials, region, requestS3, type S3Request } from "./s3-request.ts";

/** A real S3 server on loopback. Its buckets are asked for in path style: `<url>/<bucket>/<key>`. */
export interface BucketServer extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string;
  /** PEM of the CA, with TLS. */
  ca?: string;
  region: string;
  /** Of the owner of everything. */
  credentials: BucketCredentials;
  createBucket: (name: string) => Promise<TestBucket>;
}

export interface TestBucket {
  name: string;
  put: (key: string, content: string) => Promise<void>;
  delete: (key: string) => Promise<void>;
}

export function bucketServerAt(
  address: ServerAddress,
  credentials: BucketCredentials,
  running: AsyncDisposableStack,
): BucketServer {
  return {
    url: address.url,
    ...(address.ca === undefined ? {} : { ca: address.ca }),
    region,
    credentials,
    createBucket: (name) => createBucket(address, credentials, name),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** @throws Error with the server's answer, if it rejects */
async function createBucket(address: ServerAddress, credentials: BucketCredentials, name: string): Promise<TestBucket> {
  const send = async (request: S3Request) => {
    const { status, body } = await requestS3(address, credentials, request);
    if (status >= 300) throw new Error(`${request.method} ${request.path}: ${status} ${body.toString()}`);
  };
  await send({ method: "PUT", path: `/${name}` });
  return {
    name,
    put: (key, content) => send({ method: "PUT", path: `/${name}/${key}`, body: content }),
    delete: (key) => send({ method: "DELETE", path: `/${name}/${key}` }),
  };
}
