import { parseArgs } from "node:util";
import { binary } from "./binary.ts";
import { toolchainConfig } from "./config.ts";
import { listParts } from "./list-parts.ts";
import { type BinaryName, binaryNames, isBinaryName, parts } from "./parts.ts";
import { progressText } from "./progress.ts";
import { publishedChecksum } from "./ways/published-checksum.ts";
import type { Platform } from "./platform.ts";
import { releaseOf } from "./releases.ts";
import { terminalProgress } from "./terminal-progress.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { checksums: { type: "boolean" }, list: { type: "boolean" } },
});
const ending = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => ending.abort(new Error(`ended by ${name}`)));
const names = positionals.length > 0 ? positionals.map(known) : binaryNames;
try {
  if (values.list) console.log(await listParts(names, toolchainConfig()));
  else await (values.checksums ? printChecksums(names) : printPaths(names));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** One path a line, in the order in which they are made; on standard error, what it took to make them. */
async function printPaths(wanted: readonly BinaryName[]): Promise<void> {
  using progress = terminalProgress(process.stderr);
  for (const [index, name] of wanted.entries()) {
    const position = `[${index + 1}/${wanted.length}]`;
    const path = await binary(name, {
      onProgress: (step) => {
        if (step.step === "made") progress.clear();
        if (step.step === "made") console.error(progressText(step));
        else progress.show(`${position} ${progressText(step)}`);
      },
      signal: ending.signal,
    });
    progress.clear();
    console.log(path);
  }
}

/** Lines for `knownChecksums` in releases.ts, from what the projects publish. */
async function printChecksums(wanted: readonly BinaryName[]): Promise<void> {
  const platforms: Platform[] = ["linux/amd64", "linux/arm64", "darwin/arm64"];
  for (const name of wanted) {
    for (const platform of platforms) {
      const release = releaseOf(name, platform);
      if (release?.checksumUrl === undefined) continue;
      console.log(
        `"${name} ${parts[name].version} ${platform}": "${await publishedChecksum(release, ending.signal)}",`,
      );
    }
  }
}

function known(name: string): BinaryName {
  if (isBinaryName(name)) return name;
  console.error(`there is no binary ${name}; the names are: ${binaryNames.join(", ")}`);
  process.exit(2);
}
