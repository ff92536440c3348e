import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointOf } from "./remote.ts";

test("the URL of a repository has no slash at its end, and a limited length", () => {
  const { url } = endpointOf({ url: "https://git.example.org/team/app//", timeoutMs: 1 });
  assert.equal(url, "https://git.example.org/team/app");
  const long = `http://127.0.0.1:1/${"/".repeat(1_000_000)}x`;
  assert.throws(() => endpointOf({ url: long, timeoutMs: 1 }), {
    reason: "LimitExceeded",
    message: "a repository URL of 1000020 characters: the limit is 2048 characters",
  });
});
