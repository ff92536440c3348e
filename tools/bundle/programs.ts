import { controllers } from "@leat/controllers";

/** A program that is shipped as one file. */
export interface BundledProgram {
  name: string;
  /** Its main module, below the repository. */
  entry: string;
  /** Files of the repository that it reads where it runs, as globs; they are beside the bundle. */
  reads: readonly string[];
  /** Whether modules that are imported with `import()` become files of their own, beside those that it reads. */
  isSplit: boolean;
  /** What `node` is started with. */
  nodeFlags: readonly string[];
  /** What its environment needs besides what configures it. */
  environment: Readonly<Record<string, string>>;
}

/**
 * What keeps a controller small: under load two thirds of the memory that it takes otherwise, for at most a fifth more CPU
 * time. Without it no old space is collected before that has some 100 MB, young space grows to 48 MB, and a controller at
 * rest gives nothing back.
 */
export const small: Pick<BundledProgram, "nodeFlags" | "environment"> = {
  // The size is that of half the young space, in MiB.
  nodeFlags: ["--memory-saver-mode", "--max-semi-space-size=2"],
  // glibc: one arena for all threads, and buffers of 128 KiB or more given back as soon as they are free.
  environment: { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "131072" },
};

export const programs: readonly BundledProgram[] = [
  ...controllers.map(({ name, entry }) => ({ name, entry, reads: [], isSplit: false, ...small })),
  {
    name: "leat",
    entry: "apps/cli/src/main.ts",
    reads: ["charts/leat/**/*", "tools/toolchain/modules/**/*"],
    // A command loads what it needs, and no controller that it does not host.
    isSplit: true,
    nodeFlags: [],
    environment: {},
  },
];
