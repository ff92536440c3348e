import { AwsV4Signer } from "aws4fetch";
import type { Ending } from "./token-cache.ts";

export interface AwsCredentials extends Ending {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

export interface AwsRequest {
  method?: "GET" | "POST";
  url: string;
  headers?: Record<string, string>;
  body?: string;
  region: string;
  service: string;
}

/** The headers of the request, with those that sign it: AWS Signature Version 4. */
export async function signed(request: AwsRequest, credentials: AwsCredentials): Promise<Record<string, string>> {
  const { headers } = await new AwsV4Signer({ ...request, ...keysOf(credentials) }).sign();
  return Object.fromEntries(headers);
}

/** A URL that holds its own signature. */
export async function presigned(request: AwsRequest, credentials: AwsCredentials): Promise<string> {
  const { url } = await new AwsV4Signer({ ...request, ...keysOf(credentials), signQuery: true }).sign();
  return url.href;
}

function keysOf({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
