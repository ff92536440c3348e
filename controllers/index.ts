/**
 * Every controller: what runs one, as data, and its program, which is loaded when it is asked for. The chart, roles, bundles,
 * images, `leat run` and the tests go through this list.
 */
import type { CommonConfig, Deployment, LocalPlaces, Program } from "@leat/controller";
import { deployment as kustomize } from "@leat/kustomize-controller/deployment";
import { deployment as source } from "@leat/source-controller/deployment";
import type { BinaryName } from "@leat/toolchain";

export interface Controller extends Deployment<BinaryName> {
  /** Its folder here, its name in the chart's values and for `leat run`: `source` for `source-controller`. */
  readonly key: string;
  /** Its main module, from the root of the repository. */
  readonly entry: string;
  readonly load: () => Promise<Program>;
}

/** In the order in which what is declared goes through them. */
export const controllers: readonly Controller[] = [
  controller(source, async () => (await import("@leat/source-controller")).sourceController),
  controller(kustomize, async () => (await import("@leat/kustomize-controller")).kustomizeController),
];

/**
 * The flags of a controller on a developer's machine.
 *
 * @param pathOf where a program is; a flag of one that is absent is left out
 */
export function flagsHere(
  { localFlags, binaries }: Controller,
  places: LocalPlaces,
  pathOf: (binary: BinaryName) => string | undefined,
): string[] {
  const paths = Object.entries(binaries).map(([flag, name]) => [flag, pathOf(name)] as const);
  return [
    ...localFlags(places),
    ...paths.filter(([, path]) => path !== undefined).map(([flag, path]) => `--${flag}=${path}`),
  ];
}

function controller<Config extends CommonConfig>(
  deployment: Deployment<BinaryName>,
  load: () => Promise<Program<Config>>,
): Controller {
  const key = deployment.name.replace(/-controller$/, "");
  // A program is run with the result of its own flags.
  return { ...deployment, key, entry: `controllers/${key}/src/main.ts`, load: load as unknown as Controller["load"] };
}
