import { type Internet, startInternet } from "../internet.ts";
import { aws } from "./aws.ts";
import { azure } from "./azure.ts";
import { google } from "./google.ts";
import { type CloudWorld, createCloudWorld } from "./world.ts";

/**
 * AWS, Azure and Google Cloud, as far as identities of workloads go: they check every signature, audience and token that they
 * are shown, and speak as the clouds do. Reached at the clouds' own addresses, through a proxy.
 */
export interface Clouds extends Internet {
  world: CloudWorld;
  /** All that is secret of what was shown or given: none of it may be seen anywhere. */
  secrets: () => string[];
}

export async function startClouds(): Promise<Clouds> {
  const world = createCloudWorld();
  const internet = await startInternet((request) =>
    [aws, azure, google].map((cloud) => cloud(request, world)).find((answer) => answer !== undefined),
  );
  return {
    ...internet,
    world,
    secrets: () => [
      ...[...world.holders.keys()].filter((secret) => secret.startsWith("hidden-")),
      ...internet.requests.flatMap(({ body }) => body.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []),
    ],
  };
}
