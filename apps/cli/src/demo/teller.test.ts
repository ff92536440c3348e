import assert from "node:assert/strict";
import { test } from "node:test";
import { createTeller } from "./teller.ts";

test("chapters are numbered, facts have their times at one edge, foreign words are indented", () => {
  const { lines, teller } = told();
  teller.chapter("First", "What happens here.");
  teller.seen("short", 85);
  teller.seen("something longer", 1240);
  teller.quote("the server's words");
  teller.chapter("Second", "And here.");
  const [, first, , short = "", longer = "", quoted, , second] = lines;
  assert.equal(first, "1  First");
  assert.equal(short.length, longer.length);
  assert.match(longer, /✓ something longer +1\.24 s$/);
  assert.equal(quoted, "     the server's words");
  assert.equal(second, "2  Second");
});

test("long words of others are wrapped, none of them lost", () => {
  const { lines, teller } = told();
  const text = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");
  teller.quote(text);
  assert.ok(lines.length > 1);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.equal(lines.map((line) => line.trim()).join(" "), text);
});

function told() {
  const lines: string[] = [];
  const line = (text = "") => void lines.push(text);
  const teller = createTeller({
    interactive: false,
    clear: () => undefined,
    line,
    passing: () => {},
    style: (_, text) => text,
  });
  return { lines, teller };
}
