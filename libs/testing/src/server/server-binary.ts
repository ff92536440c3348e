import { binary, type BinaryName, reportProgress } from "@leat/toolchain";

/**
 * Path of a server's program. The first test that needs it builds it, which can take minutes: standard error says so, as
 * the run of a silent file is ended.
 */
export function serverBinary(name: BinaryName, signal: AbortSignal | undefined): Promise<string> {
  const onProgress = reportProgress((line) => process.stderr.write(`${line}\n`));
  return binary(name, { onProgress, ...(signal ? { signal } : {}) });
}
