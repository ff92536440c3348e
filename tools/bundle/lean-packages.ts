import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "rolldown";

/**
 * Takes packages in part whose own entry points load far more than any program here calls, and every package once that npm
 * has installed in several places. What is asked for and not there fails the bundling.
 */
export function leanPackages(root: string): Plugin {
  const sources: Record<string, string> = {
    undici: undiciEntry(packageDirectory(root, "libs/http", "undici")),
    "node:http": httpEntry,
    "@kubernetes/client-node": clientEntry(packageDirectory(root, "libs/kube", "@kubernetes/client-node")),
    // For Node, the package names a CommonJS file, of which nothing can be left out.
    "isomorphic-git": `export * from ${path(packageDirectory(root, "libs/git", "isomorphic-git"), "index.js")};`,
  };
  return {
    name: "lean-packages",
    resolveId: {
      filter: { id: [...Object.keys(sources), "http"].map((name) => new RegExp(`^(node:)?${name}$`)) },
      handler: (id, _, { kind }) => (kind === "require-call" ? null : `\0${id.replace(/^http$/, "node:http")}`),
    },
    load: { filter: { id: /^\0/ }, handler: (id) => sources[id.slice(1)] ?? null },
  };
}

/**
 * To import it as a module reads all that it exports, and WebSocket there loads the fetch of Node's own: 14 MB that are
 * resident and 60 ms, for what nothing here uses.
 */
const httpEntry = `
  const http = process.getBuiltinModule("node:http");
  export default http;
  export const { Agent, createServer, get, request, Server, validateHeaderValue } = http;
`;

/** The clients and agents alone: not fetch, WebSocket, EventSource, caches and mocks. */
function undiciEntry(directory: string): string {
  const from = (file: string) => path(directory, `lib/${file}.js`);
  return `
    import Dispatcher from ${from("dispatcher/dispatcher")};
    import api from ${from("api/index")};
    import { parseURL } from ${from("core/util")};
    export { default as Agent } from ${from("dispatcher/agent")};
    export { default as EnvHttpProxyAgent } from ${from("dispatcher/env-http-proxy-agent")};
    export { default as buildConnector } from ${from("core/connect")};
    export { default as Pool } from ${from("dispatcher/pool")};
    export { default as ProxyAgent } from ${from("dispatcher/proxy-agent")};
    export { default as Socks5ProxyAgent } from ${from("dispatcher/socks5-proxy-agent")};
    export function request(url, { dispatcher, ...options }) {
      const { origin, pathname, search } = parseURL(url);
      const method = options.method || (options.body ? "PUT" : "GET");
      return api.request.call(dispatcher, { ...options, origin, path: pathname + search, method });
    }
    Object.assign(Dispatcher.prototype, api);
    // Named by a client that nobody makes here.
    export const fetch = globalThis.fetch;
  `;
}

/** The reading of kubeconfigs, without the classes of all Kubernetes kinds. */
function clientEntry(directory: string): string {
  return `export { KubeConfig } from ${path(directory, "dist/config.js")};`;
}

/** Where npm has put a package for one of ours. */
function packageDirectory(root: string, from: string, name: string): string {
  const manifest = findPackageJSON(name, join(root, from, "package.json"));
  if (manifest === undefined) throw new Error(`${name} is not installed for ${from}: run npm ci`);
  return dirname(manifest);
}

function path(directory: string, file: string): string {
  return JSON.stringify(join(directory, file));
}
