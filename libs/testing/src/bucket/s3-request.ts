import { AwsV4Signer } from "aws4fetch";
import { requestServer, type ServerAddress, type ServerAnswer } from "../server/server-request.ts";

export interface BucketCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of credentials for a limited time. */
  sessionToken?: string;
}

export interface S3Request {
  method?: string;
  /** In the bucket's path style, not yet encoded: `/bucket/some key`. */
  path: string;
  query?: Record<string, string>;
  body?: string;
}

export const region = "us-east-1";

/** One signed request (AWS Signature Version 4). */
export async function requestS3(
  address: ServerAddress,
  credentials: BucketCredentials,
  { method = "GET", path, query = {}, body }: S3Request,
): Promise<ServerAnswer> {
  const url = new URL(path.split("/").map(encodeURIComponent).join("/"), address.url);
  url.search = new URLSearchParams(query).toString().replaceAll("+", "%20");
  const given = { ...credentials, service: "s3", region };
  const signed = await new AwsV4Signer({
    method,
    url: url.href,
    ...given,
    ...(body === undefined ? {} : { body }),
  }).sign();
  return requestServer(address, {
    method,
    path: signed.url.pathname + signed.url.search,
    headers: Object.fromEntries(signed.headers),
    ...(body === undefined ? {} : { body }),
  });
}
