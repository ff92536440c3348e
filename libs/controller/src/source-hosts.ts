import type { Environment } from "@leat/http";

/**
 * Addresses of the source controllers for a controller that runs outside the cluster, by the name of their Service. The
 * variables are Flux's: the second one is for the source watcher, the first one for everything else.
 */
export function sourceHosts(env: Environment): ReadonlyMap<string, string | undefined> {
  return new Map([
    ["source-watcher", env["SOURCE_WATCHER_LOCALHOST"]],
    ["*", env["SOURCE_CONTROLLER_LOCALHOST"]],
  ]);
}
