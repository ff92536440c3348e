import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cliReference } from "./cli-reference.ts";

suite("the reference of the command line", () => {
  const files = cliReference();

  test("has a page for each command, and one that lists them", () => {
    const listed = [...(files.get("README.md") ?? "").matchAll(/\]\((.+?\.md)\)/g)].map(([, name]) => name);
    assert.ok(listed.length > 5);
    assert.deepEqual(new Set([...listed, "README.md"]), new Set(files.keys()));
  });

  test("tells usage, examples, options and exit codes", () => {
    const page = files.get("get.md") ?? "";
    assert.match(page, /^```sh\nleat get <kind> \[name\.\.\.\] \[options\]\n```$/m);
    assert.match(
      page,
      /^# everything that is not ready, in all namespaces\nleat get all -A --status-selector ready=false$/m,
    );
    assert.match(page, /^\| `-o, --output <format>` \| {2}\| output format: `json`, `yaml`, `wide`, `name` \|$/m);
    assert.match(page, /^\| `--timeout <duration>` \| `5m` \|/m);
    assert.match(page, /^\| `130` \| Stopped by Ctrl-C\. \|$/m);
  });
});
