import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createCertificateAuthority } from "@leat/testing";

/** A server that answers an API server's requests for logs as a kubelet does. It runs nothing. */
export interface Kubelet extends AsyncDisposable {
  port: number;
  /** Writes a line to the log of a pod's container `manager`, and to its followers. */
  write: (pod: string, text: string, at?: Date) => void;
  /** Ends all answers that follow. */
  hangUp: () => void;
}

interface Line {
  at: Date;
  /** Nanoseconds within the millisecond, so that no two lines have one time. */
  nanoseconds: number;
  text: string;
}

/** The path is `/containerLogs/<namespace>/<pod>/<container>`. */
export async function startKubelet(): Promise<Kubelet> {
  const { certificate: cert, key } = createCertificateAuthority().issue({ commonName: "node", hosts: ["127.0.0.1"] });
  const logs = new Map<string, Line[]>();
  const followers = new Map<string, Set<(line: Line) => void>>();
  let written = 0;
  const endings = new Set<() => void>();
  const server = createServer({ cert, key }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "https://node");
    const [, root, , pod = "", container] = pathname.split("/");
    if (root !== "containerLogs" || container !== "manager") return void response.writeHead(404).end();
    const shown = ({ at, nanoseconds, text }: Line) => {
      // Nine digits, as a kubelet writes them.
      response.write(`${at.toISOString().replace("Z", `${String(nanoseconds).padStart(6, "0")}Z`)} ${text}\n`);
    };
    response.writeHead(200, { "content-type": "text/plain" });
    const tail = Number(searchParams.get("tailLines") ?? Number.MAX_SAFE_INTEGER);
    const since = Date.parse(searchParams.get("sinceTime") ?? "1970-01-01T00:00:00Z");
    const known = (logs.get(pod) ?? []).filter(({ at }) => at.getTime() >= since);
    for (const line of known.slice(Math.max(0, known.length - tail))) shown(line);
    if (searchParams.get("follow") !== "true") return void response.end();
    const following = followers.getOrInsertComputed(pod, () => new Set());
    const end = () => {
      following.delete(shown);
      response.end();
    };
    following.add(shown);
    endings.add(end);
    response.once("close", () => {
      following.delete(shown);
      endings.delete(end);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    write: (pod, text, at = new Date()) => {
      const line = { at, nanoseconds: (written += 1), text };
      logs.getOrInsertComputed(pod, () => []).push(line);
      for (const show of followers.get(pod) ?? []) show(line);
    },
    hangUp: () => {
      for (const end of endings) end();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
