import { test } from "node:test";
import type { Harness } from "./harness.ts";

/** A test of what Leat promises beyond Flux; skipped where another stack runs. */
export function testBeyondFlux(harness: () => Harness, name: string, run: () => Promise<void>): void {
  void test(`beyond Flux: ${name}`, async (context) => {
    if (harness().stack.name === "leat") await run();
    else context.skip(`${harness().stack.name} does not promise it`);
  });
}
