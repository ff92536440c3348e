import { join } from "node:path";
import { binary } from "@leat/toolchain";
import { freePort } from "../server/loopback.ts";
import type { Parts } from "../server/parts.ts";
import { requestServer } from "../server/server-request.ts";
import { startOnFreePort } from "../server/start-on-free-port.ts";

const startLimitMs = 20_000;

/**
 * One member that never waits for the disk: its data does not outlive it.
 *
 * @returns the URL for clients
 */
export async function startEtcd(parts: Parts, directory: string, signal: AbortSignal | undefined): Promise<string> {
  const { port } = await startOnFreePort(parts, {
    name: "etcd",
    program: await binary("etcd", signal ? { signal } : {}),
    args: async (free) => etcdFlags(urlOf(free), urlOf(await freePort()), directory),
    isReady: async (free) => (await requestServer({ url: urlOf(free) }, { path: "/health" })).status === 200,
    timeoutMs: startLimitMs,
    signal,
  });
  return urlOf(port);
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
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
