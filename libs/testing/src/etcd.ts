import { join } from "node:path";
import { binary } from "@leat/toolchain";
import { freePort } from "./loopback.ts";
import { PartEnded, type Parts, untilReady } from "./parts.ts";

const attempts = 3;
const startLimitMs = 20_000;

/**
 * One member that never waits for the disk: its data does not outlive it.
 *
 * @returns the URL for clients
 */
export async function startEtcd(parts: Parts, directory: string, signal: AbortSignal | undefined): Promise<string> {
  const program = await binary("etcd", signal ? { signal } : {});
  for (let attempt = 1; ; attempt++) {
    const url = `http://127.0.0.1:${await freePort()}`;
    const part = await parts.start("etcd", program, etcdFlags(url, `http://127.0.0.1:${await freePort()}`, directory));
    try {
      await untilReady(part, { isReady: () => isHealthy(url), timeoutMs: startLimitMs, signal });
      return url;
    } catch (error) {
      await parts.kill(part);
      if (attempt >= attempts || !(error instanceof PartEnded && error.portTaken)) throw error;
    }
  }
}

function etcdFlags(clientUrl: string, peerUrl: string, directory: string): string[] {
  return [
    `--data-dir=${join(directory, "etcd")}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) });
  await response.body?.cancel();
  return response.ok;
}
