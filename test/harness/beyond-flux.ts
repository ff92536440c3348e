import { test, type TestContext } from "node:test";
import type { Harness } from "./harness.ts";

/** A test of what Leat promises beyond Flux; skipped where another stack runs. */
export function testBeyondFlux(
  harness: () => Harness,
  name: string,
  run: (context: TestContext) => Promise<void>,
): void {
  void test(`beyond Flux: ${name}`, async (context) => {
    if (harness().stack.name === "leat") await run(context);
    else context.skip(`${harness().stack.name} does not promise it`);
  });
}
