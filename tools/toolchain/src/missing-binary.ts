import { explicitVariable } from "./config.ts";
import { type BinaryName, parts } from "./parts.ts";

/** Why neither way led to the binary. */
export interface Failures {
  download: unknown;
  build: unknown;
}

/** The error that says what is missing and how to mend it. */
export function missingBinary(name: BinaryName, failures: Failures): Error {
  const lines = [
    `${name} ${parts[name].version} is missing, and could not be had:`,
    `  - download: ${reasonOf(failures.download)}`,
    `  - build from source: ${reasonOf(failures.build)}`,
    "Any one of these mends it:",
    `  1. Name one that you have: ${explicitVariable(name)}=<its path>, or KUBEBUILDER_ASSETS=<a directory that holds it>.`,
    "  2. Give this machine access to the internet, or set LEAT_TOOLCHAIN_MIRROR to a mirror of the releases, and run this again.",
    "  3. Install Go 1.26 or newer (https://go.dev/dl) and give it a module proxy (GOPROXY), and run this again: it is then built here.",
  ];
  return new Error(lines.join("\n"), { cause: new AggregateError([failures.download, failures.build]) });
}

/** The message, with that of the cause: fetch says no more than "fetch failed" itself. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === "fetch failed" ? error.cause.message : error.message;
}
