import { createCertificateAuthority } from "../certificates.ts";

/** All in PEM. */
export interface ServerCertificate {
  ca: string;
  cert: string;
  key: string;
}

/** For `localhost` and `127.0.0.1`, of a CA of its own. */
export function createServerCertificate(): ServerCertificate {
  const authority = createCertificateAuthority("leat test server");
  const { certificate, key } = authority.issue({ commonName: "test server", hosts: ["localhost", "127.0.0.1"] });
  return { ca: authority.certificate, cert: certificate, key };
}
