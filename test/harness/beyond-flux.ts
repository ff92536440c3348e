import { test } from "node:test";
import { describedStack } from "./stack.ts";

/** A test of what Leat promises and Flux does not: it is skipped where another stack runs. */
export function beyondFlux(name: string, holds: () => Promise<void>): void {
  test(`beyond Flux: ${name}`, async (context) => {
    const { name: stack } = await describedStack();
    if (stack === "leat") await holds();
    else context.skip(`the stack is ${stack}`);
  });
}
