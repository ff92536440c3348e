import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HttpError } from "@leat/http";
import { faultOfExchange, faultOfStatus } from "./git-fault.ts";
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

suite("a connection that fails", () => {
  const proxy = "proxy.example:3128";
  const rows: Array<[code: string, proxy: string | undefined, why: string]> = [
    ["ECONNREFUSED", undefined, "git.example.org refused the connection"],
    ["ECONNREFUSED", proxy, "the proxy proxy.example:3128 refused the connection"],
    ["ENOTFOUND", proxy, "the proxy proxy.example:3128 cannot be resolved"],
    ["ECONNRESET", proxy, "git.example.org through the proxy proxy.example:3128 closed the connection"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", undefined, "git.example.org does not speak TLS; is it http://?"],
    [
      "SELF_SIGNED_CERT_IN_CHAIN",
      proxy,
      "its certificate is signed by an unknown authority; add the CA certificate as ca.crt to the Secret",
    ],
  ];
  for (const [code, via, why] of rows) {
    test(`with ${code}, ${via ? "through a proxy" : "directly"}`, () => {
      const error = faultOfExchange(
        new HttpError(code, "4083:error", { proxy: via }),
        endpointOf({ url, timeoutMs: 1 }),
      );
      assert.equal((error as Error).message, `cannot reach ${url}: ${why}`);
    });
  }
});
