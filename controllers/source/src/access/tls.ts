import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ConfigData } from "@leat/kube";
import { type Denied, isDenied, textsIn } from "./read-settings.ts";

/** Certificates and a key, as PEM. */
export interface TlsSettings {
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** A private CA (`ca.crt`) and a client certificate (`tls.crt`, `tls.key`). */
export function tlsIn(secret: ConfigData): TlsSettings | Denied {
  const texts = textsIn(secret, ["ca.crt", "caFile", "tls.crt", "tls.key"]);
  if (isDenied(texts)) return texts;
  // `caFile` is the old name.
  const ca = texts["ca.crt"] ?? texts.caFile;
  const { "tls.crt": cert, "tls.key": key } = texts;
  if ((cert === undefined) !== (key === undefined)) {
    return { why: `${secret.subject} has ${cert === undefined ? "tls.key but no tls.crt" : "tls.crt but no tls.key"}` };
  }
  if (ca !== undefined && !ca.includes("-----BEGIN CERTIFICATE-----")) {
    return { why: `ca.crt of ${secret.subject} does not contain a PEM certificate` };
  }
  const problem = cert !== undefined && key !== undefined ? problemOf(cert, key, secret) : undefined;
  return problem === undefined ? { ca, cert, key } : { why: problem };
}

function problemOf(cert: string, key: string, { subject }: ConfigData): string | undefined {
  const certificate = parsed(() => new X509Certificate(cert));
  if (certificate === undefined) return `tls.crt of ${subject} does not contain a PEM certificate`;
  const privateKey = parsed(() => createPrivateKey(key));
  if (privateKey === undefined) return `tls.key of ${subject} does not contain an unencrypted PEM private key`;
  return certificate.checkPrivateKey(privateKey) ? undefined : `tls.key of ${subject} is not the key of tls.crt`;
}

function parsed<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    // OpenSSL's words help nobody, and change between versions.
    return undefined;
  }
}
