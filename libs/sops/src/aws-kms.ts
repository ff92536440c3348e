import { hostname } from "node:os";
import { isJsonObject, textOf } from "@leat/http";
import { assumeRole, type AwsCredentials, signed } from "@leat/identity";
import { credentialsIn } from "./credentials.ts";
import { type KeyServices, postTo } from "./key-service.ts";
import type { KeyDecrypter, NamedText } from "./key-decrypter.ts";
import { Rejection } from "./rejection.ts";

/** Gives credentials for a region. */
export type AwsAccess = (region: string, signal: AbortSignal) => Promise<AwsCredentials>;

/** Decrypts data keys at AWS KMS. */
export function awsKms(access: AwsAccess, services: KeyServices): KeyDecrypter {
  return {
    decrypt: async ({ id, encrypted, fields: { role, context } }, signal) => {
      const region = regionOf(id);
      const own = await access(region, signal);
      const credentials =
        textOf(role) === "" ? own : await inRole(own, { role: textOf(role), region }, services, signal);
      const url = services.addresses?.aws ?? `https://kms.${region}.${domainOf(region)}/`;
      const EncryptionContext = isJsonObject(context) ? context : undefined;
      const body = JSON.stringify({ KeyId: id, CiphertextBlob: encrypted, EncryptionContext });
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Decrypt" };
      const request = { method: "POST", url, headers, body, region, service: "kms" } as const;
      const { Plaintext } = await postTo(services, { url, headers: await signed(request, credentials), body, signal });
      return Buffer.from(textOf(Plaintext), "base64");
    },
  };
}

/**
 * With the access key of a user.
 *
 * @throws Rejection where the entry holds none
 */
export function awsKmsBy(entry: NamedText, services: KeyServices): KeyDecrypter {
  const fields = credentialsIn(entry);
  const credentials: AwsCredentials = {
    accessKeyId: fields("aws_access_key_id"),
    secretAccessKey: fields("aws_secret_access_key"),
    sessionToken: fields.optional("aws_session_token"),
  };
  return awsKms(async () => credentials, services);
}

/** A file may say in which role its key is to be asked for. The session is called as sops calls it. */
function inRole(
  credentials: AwsCredentials,
  { role, region }: { role: string; region: string },
  { http, env = {} }: KeyServices,
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const session = `sops@${hostname().replaceAll(/[^\w+=,.@-]/g, "")}`;
  return assumeRole({ http, env }, { region, role, session, credentials }, signal);
}

function regionOf(arn: string): string {
  const region = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):[0-9]+:(?:key|alias)\/./.exec(arn)?.[1];
  if (region === undefined) throw new Rejection("is not the ARN of a key");
  return region;
}

function domainOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
