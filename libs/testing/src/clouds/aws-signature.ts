import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { InternetRequest } from "../internet.ts";

/** What somebody has signed with: AWS Signature Version 4, in the headers or in the query. */
interface Signature {
  accessKeyId: string;
  /** `<day>/<region>/<service>/aws4_request` */
  scope: string;
  time: string;
  signedHeaders: string;
  value: string;
}

/**
 * The id of the key that the request is signed with, for this region and service and not more than a quarter of an hour ago.
 *
 * @param secretOf the secret key that belongs to an id
 */
export function signerOf(
  request: InternetRequest,
  { region, service }: { region: string; service: string },
  secretOf: (accessKeyId: string) => string | undefined,
): string | undefined {
  const signature = signatureOf(request);
  const secret = signature && secretOf(signature.accessKeyId);
  if (!signature || !secret) return undefined;
  const day = signature.time.slice(0, 8);
  const at = Date.parse(signature.time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const isFresh = Math.abs(Date.now() - at) < 900_000;
  if (!isFresh || signature.scope !== `${day}/${region}/${service}/aws4_request`) return undefined;
  const toSign = ["AWS4-HMAC-SHA256", signature.time, signature.scope, hash("sha256", canonical(request, signature))];
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const expected = hmac(key, toSign.join("\n"));
  const found = Buffer.from(signature.value, "hex");
  return expected.length === found.length && timingSafeEqual(expected, found) ? signature.accessKeyId : undefined;
}

function signatureOf({ headers, url: { searchParams } }: InternetRequest): Signature | undefined {
  const header = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
    headers["authorization"] ?? "",
  );
  if (header) {
    const [, accessKeyId = "", scope = "", signedHeaders = "", value = ""] = header;
    return { accessKeyId, scope, signedHeaders, value, time: headers["x-amz-date"] ?? "" };
  }
  const read = (name: string) => searchParams.get(`X-Amz-${name}`) ?? "";
  if (read("Algorithm") !== "AWS4-HMAC-SHA256") return undefined;
  const [accessKeyId = "", ...scope] = read("Credential").split("/");
  const [signedHeaders, value, time] = [read("SignedHeaders"), read("Signature"), read("Date")];
  return { accessKeyId, scope: scope.join("/"), signedHeaders, value, time };
}

/** The request as the service sees it, not as its signer claims. */
function canonical({ method, url, headers, body }: InternetRequest, { signedHeaders }: Signature): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted();
  const lines = signedHeaders
    .split(";")
    .map((name) => `${name}:${(headers[name] ?? "").trim().replaceAll(/\s+/g, " ")}\n`);
  const path = url.pathname.split("/").map(encoded).join("/");
  return [method, path, query.join("&"), lines.join(""), signedHeaders, hash("sha256", body)].join("\n");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
