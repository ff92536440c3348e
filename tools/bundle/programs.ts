/** A program that is shipped as one file. */
export interface BundledProgram {
  name: string;
  /** Its main module, below the repository. */
  entry: string;
  /** Files of the repository that it reads where it runs, as globs; they lie beside the bundle. */
  reads: readonly string[];
  /** What `node` is started with. */
  nodeFlags: readonly string[];
  /** What its environment needs besides what configures it. */
  environment: Readonly<Record<string, string>>;
}

/**
 * What keeps a controller small: a third of the memory under load, for a twentieth of the CPU time of the kustomize
 * controller. As V8 comes, it collects no old space before that has some 100 MB, and young space grows to 48.
 */
const small = {
  // MiB of half the young space, and by how many percent the old one may grow before it is collected.
  source: ["--max-semi-space-size=2", "--heap-growing-percent=30"],
  // Most of what it makes is garbage at once: with less young space, more would grow old.
  kustomize: ["--max-semi-space-size=8", "--heap-growing-percent=60"],
  // glibc: one arena for all threads, and buffers of 128 KiB or more given back as soon as they are free.
  environment: { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "131072" },
};

export const programs: readonly BundledProgram[] = [
  {
    name: "source-controller",
    entry: "controllers/source/src/main.ts",
    reads: [],
    nodeFlags: small.source,
    environment: small.environment,
  },
  {
    name: "kustomize-controller",
    entry: "controllers/kustomize/src/main.ts",
    reads: [],
    nodeFlags: small.kustomize,
    environment: small.environment,
  },
  {
    name: "leat",
    entry: "apps/cli/src/main.ts",
    reads: ["charts/leat/crds/*.yaml", "tools/toolchain/modules/**/*"],
    nodeFlags: [],
    environment: {},
  },
];
