import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HttpError } from "@leat/http";
import { faultOfExchange, faultOfStatus } from "./git-fault.ts";
import { afterRedirect, endpointOf } from "./remote.ts";

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

suite("after a redirect, the message names the host that responds", () => {
  const elsewhere = "https://sign-in.example.org/oauth?token=secret";
  const shown = `${url} (redirected to https://sign-in.example.org)`;
  const credentials = { kind: "bearer", token: "secret-token" } as const;
  const endpoint = endpointOf({ url, credentials, secret: "Secret/team/auth", timeoutMs: 1 });

  test("where there is no connection", () => {
    const error = faultOfExchange(new HttpError("ECONNREFUSED", "", { redirectedTo: elsewhere }), endpoint);
    assert.equal((error as Error).message, `cannot reach ${shown}: sign-in.example.org refused the connection`);
  });

  const rows: Array<[status: number, message: string]> = [
    [401, `${shown} requires credentials, which are not sent after a redirect; change spec.url (HTTP 401)`],
    [404, `repository ${shown} does not exist, or requires credentials (HTTP 404)`],
    [502, `${shown} responded with HTTP status 502`],
  ];
  for (const [status, message] of rows)
    test(`where it responds with ${status}`, () =>
      assert.equal(faultOfStatus(status, afterRedirect(endpoint, elsewhere)).message, message));

  test("and not where the host is the same", () => {
    const { message } = faultOfStatus(502, afterRedirect(endpoint, `${url}.git`));
    assert.equal(message, `${url} responded with HTTP status 502`);
  });
});
