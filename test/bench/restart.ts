import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { OwnHarness } from "../harness/own-harness.ts";

/** What a pod loses with its emptyDir is removed. */
export async function stopAndForget({ stack, stop, directory, removeStorage }: OwnHarness): Promise<void> {
  await Promise.all(stack.processes.map(({ name }) => stop(name)));
  await removeStorage();
  await rm(join(directory, "work"), { recursive: true, force: true });
}

export async function startAll({ stack, start }: OwnHarness): Promise<void> {
  await Promise.all(stack.processes.map(({ name }) => start(name)));
}
