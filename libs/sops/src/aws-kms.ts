import { credentialsIn } from "./credentials.ts";
import { ask, type KeyServices } from "./key-service.ts";
import type { NamedText, Opener } from "./keys.ts";
import { textOf } from "./master-key.ts";
import { Refusal } from "./refusal.ts";
import { isFields } from "./sealed-file.ts";
import { type AwsCredentials, signed } from "./sigv4.ts";

/**
 * Opens data keys at AWS KMS, with the access key of a user.
 *
 * @throws Refusal where the entry holds none
 */
export function awsKms(entry: NamedText, services: KeyServices): Opener {
  const fields = credentialsIn(entry);
  const credentials: AwsCredentials = {
    accessKeyId: fields("aws_access_key_id"),
    secretAccessKey: fields("aws_secret_access_key"),
    sessionToken: fields.optional("aws_session_token"),
  };
  return {
    open: async ({ id, sealed, fields: { role, context } }, signal) => {
      if (textOf(role) !== "") {
        throw new Refusal(
          `asks for the role ${textOf(role)}, which is not taken here; give the access key the right itself`,
        );
      }
      const region = regionOf(id);
      const url = new URL(services.addresses?.aws ?? `https://kms.${region}.${domainOf(region)}/`);
      const EncryptionContext = isFields(context) ? context : undefined;
      const body = JSON.stringify({ KeyId: id, CiphertextBlob: sealed, EncryptionContext });
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Decrypt" };
      const request = { url, headers, body, region, service: "kms", at: new Date() };
      const { Plaintext } = await ask(services, { url: url.href, headers: signed(request, credentials), body, signal });
      return Buffer.from(textOf(Plaintext), "base64");
    },
  };
}

function regionOf(arn: string): string {
  const region = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):[0-9]+:(?:key|alias)\/./.exec(arn)?.[1];
  if (region === undefined) throw new Refusal("is no ARN of a key");
  return region;
}

function domainOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
