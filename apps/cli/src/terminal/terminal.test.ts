import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { createSteps } from "./steps.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

suite("a terminal", () => {
  test("colours nothing, and writes no passing lines, where nobody watches", () => {
    const { terminal, text } = opened({ isTTY: false });
    terminal.passing("soon gone");
    terminal.line(terminal.style("red", "plain"));
    assert.equal(text(), "plain\n");
  });

  test("colours for somebody who watches", () => {
    const { terminal, text } = opened({ isTTY: true });
    terminal.line(terminal.style("red", "red"));
    assert.equal(text(), "\u001B[31mred\u001B[39m\n");
  });

  test("keeps to NO_COLOR", () => {
    const { terminal } = opened({ isTTY: true, environment: { NO_COLOR: "1" } });
    assert.equal(terminal.style("red", "plain"), "plain");
  });

  test("erases a passing line before the next, and cuts it to the width", () => {
    const { terminal, text } = opened({ isTTY: true });
    terminal.passing("x".repeat(100));
    terminal.line("stays");
    assert.equal(text(), `${"x".repeat(39)}\r\u001B[2Kstays\n`);
  });
});

suite("a step", () => {
  test("gives what its work gives, and says that it is done", async () => {
    const { terminal, text } = opened({ isTTY: false });
    assert.equal(await createSteps(terminal).step("control plane", async () => 42), 42);
    assert.match(text(), /✓ control plane +[0-9.]+ m?s\n$/);
  });

  test("that fails says so and throws on", async () => {
    const { terminal, text } = opened({ isTTY: false });
    const work = async () => {
      throw new Error("no etcd");
    };
    await assert.rejects(createSteps(terminal).step("control plane", work), /no etcd/);
    assert.match(text(), /✗ control plane/);
  });
});

function opened({ isTTY, environment = {} }: { isTTY: boolean; environment?: NodeJS.ProcessEnv }) {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 40 });
  const terminal: Terminal = createTerminal(stream, environment);
  return { terminal, text: () => String(stream.read() ?? "") };
}
