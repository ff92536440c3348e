import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import type { Command } from "commander";
import { type CommandPage, commandPages } from "./command-pages.ts";
import { createProgram } from "./program.ts";
import { createTerminal } from "../terminal/terminal.ts";

const pages = commandPages().flatMap(function withInner(page): CommandPage[] {
  return [page, ...page.commands.flatMap(withInner)];
});

suite("every command", () => {
  for (const { name, summary, description, examples, commands } of pages) {
    test(`${name} says what it does, in a line and in sentences, with an example`, () => {
      assert.match(summary, /^[a-z].{10,60}[^.]$/);
      assert.match(description, /^[A-Z`].*\.$/);
      assert.ok(examples.length > 0 || commands.length > 0);
    });
  }

  for (const { line } of pages.flatMap(({ examples }) => examples)) {
    test(`takes its example: ${line}`, async () => {
      const [words = ""] = line.split(/ [|>]/);
      await idleProgram().parseAsync(words.split(" "), { from: "user" });
    });
  }
});

/** The program, whose commands do nothing. */
function idleProgram(): Command {
  const nowhere = createTerminal(new PassThrough(), {});
  const program = createProgram({
    out: nowhere,
    err: nowhere,
    environment: {},
    signal: new AbortController().signal,
  });
  const idle = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => {});
    for (const inner of command.commands) idle(inner);
  };
  idle(program);
  return program;
}
