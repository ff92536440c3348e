import { run } from "@leat/process";

const ldd = "/usr/bin/ldd";

/**
 * The shared libraries that programs are linked to, and the loader that finds them; nothing for those linked statically.
 *
 * @throws Error that names a library which is not installed
 */
export async function librariesOf(programs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(programs.map(linkedTo));
  return [...new Set(found.flat())].toSorted();
}

async function linkedTo(program: string): Promise<string[]> {
  const { stdout, exitCode, stderr } = await run(ldd, [program], { timeoutMs: 10_000 });
  if (exitCode !== 0 && stderr.includes("not a dynamic executable")) return [];
  const lines = stdout.toString().split("\n");
  const missing = lines.find((line) => line.includes("not found"));
  if (exitCode !== 0 || missing) throw new Error(`${program}: ${missing?.trim() ?? stderr.trim()}`);
  // `libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x…)`, and the loader without an arrow.
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
