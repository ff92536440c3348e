import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { faultOfStatus } from "./git-fault.ts";
import { endpointOf } from "./remote.ts";

const url = "https://git.example.org/app";

suite("a server that responds with 401", () => {
  const rows: Array<[given: string, remote: object, why: string]> = [
    ["without a Secret", {}, "requires credentials; set spec.secretRef"],
    [
      "with a Secret without credentials",
      { secret: "Secret/team/auth" },
      "requires credentials; Secret/team/auth has neither username and password nor bearerToken",
    ],
    [
      "with credentials",
      { secret: "Secret/team/auth", credentials: { kind: "bearer", token: "t" } },
      "rejected the credentials",
    ],
  ];
  for (const [given, remote, why] of rows) {
    test(given, () => {
      const { reason, message } = faultOfStatus(401, endpointOf({ url, timeoutMs: 1, ...remote }));
      assert.deepEqual([reason, message], ["AuthenticationFailed", `${url} ${why} (HTTP 401)`]);
    });
  }
});
