import type { BinaryName } from "@leat/toolchain";
import { type BundledProgram, programs } from "../bundle/programs.ts";

/** What the image of a controller holds besides Node and its bundle. */
export interface Image {
  program: BundledProgram;
  /** Programs that it starts, of the toolchain; they lie in `/usr/local/bin`. */
  binaries: readonly BinaryName[];
  /** Whether it starts git: over HTTP and HTTPS, the way the source controller does. */
  git: boolean;
}

export const images: readonly Image[] = [
  { program: bundled("source-controller"), binaries: [], git: true },
  { program: bundled("kustomize-controller"), binaries: ["kustomize", "kustomize-renderer"], git: false },
];

function bundled(name: string): BundledProgram {
  const program = programs.find((each) => each.name === name);
  if (program === undefined) throw new Error(`there is no bundle of ${name}`);
  return program;
}

/** The user that the container runs as: a number, so that Kubernetes sees that it is not root. */
export const user = 65532;

/** Where the bundle lies in the image. */
export function bundlePath({ program }: Image): string {
  return `/app/${program.name}.mjs`;
}

export const nodePath = "/usr/local/bin/node";

/** What the container runs. */
export function entrypoint(image: Image): string[] {
  return [nodePath, ...image.program.nodeFlags, bundlePath(image)];
}
