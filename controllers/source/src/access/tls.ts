import type { ConfigData } from "@leat/kube";
import type { Denied } from "./read-settings.ts";

/** Certificates and a key, as PEM. */
export interface TlsSettings {
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** A private CA (`ca.crt`) and a client certificate (`tls.crt`, `tls.key`). */
export function tlsIn(secret: ConfigData): TlsSettings | Denied {
  // `caFile` is the old name.
  const ca = secret.text("ca.crt") ?? secret.text("caFile");
  const [cert, key] = [secret.text("tls.crt"), secret.text("tls.key")];
  if ((cert === undefined) !== (key === undefined)) {
    return { why: `${secret.subject} has ${cert === undefined ? "tls.key but no tls.crt" : "tls.crt but no tls.key"}` };
  }
  if (ca !== undefined && !ca.includes("-----BEGIN CERTIFICATE-----")) {
    return { why: `ca.crt of ${secret.subject} does not contain a PEM certificate` };
  }
  return { ca, cert, key };
}
