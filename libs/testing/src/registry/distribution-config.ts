import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerCertificate } from "../server/server-certificate.ts";
import { htpasswd } from "./credentials.ts";
import type { TokenServer } from "./token-server.ts";

export interface DistributionSetting {
  port: number;
  tls: ServerCertificate | undefined;
  basicAuth: boolean;
  tokens: TokenServer | undefined;
}

/**
 * Writes the configuration of the registry, and the files that it names.
 *
 * @returns path of the configuration
 */
export async function writeConfig(directory: string, setting: DistributionSetting): Promise<string> {
  const file = (name: string) => join(directory, name);
  const { port, tls, basicAuth, tokens } = setting;
  const files: Record<string, string> = {
    // YAML holds JSON.
    "config.yml": JSON.stringify({
      version: "0.1",
      log: { level: "warn" },
      storage: { inmemory: {}, delete: { enabled: true } },
      auth: {
        ...(basicAuth ? { htpasswd: { realm: "leat", path: file("htpasswd") } } : {}),
        ...(tokens ? { token: { ...tokens.configuration, rootcertbundle: file("tokens.crt") } } : {}),
      },
      http: {
        addr: `127.0.0.1:${port}`,
        secret: "of one server alone",
        ...(tls ? { tls: { certificate: file("server.crt"), key: file("server.key") } } : {}),
      },
    }),
    ...(basicAuth ? { htpasswd } : {}),
    ...(tls ? { "server.crt": tls.cert, "server.key": tls.key } : {}),
    ...(tokens ? { "tokens.crt": tokens.ca } : {}),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(file(name), text, { mode: 0o600 })));
  return file("config.yml");
}
