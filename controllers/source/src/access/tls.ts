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
  return { ca, cert, key };
}
