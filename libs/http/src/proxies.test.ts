import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { proxiesOf, proxyVariables } from "./index.ts";

suite("the proxy of a request", () => {
  const rows: Array<[env: Record<string, string>, url: string, proxy: string | undefined]> = [
    [{ HTTPS_PROXY: "http://proxy:3128" }, "https://git.example/", "http://proxy:3128/"],
    [{ HTTPS_PROXY: "http://proxy:3128" }, "http://git.example/", undefined],
    [{ HTTP_PROXY: "http://proxy:3128" }, "http://git.example/", "http://proxy:3128/"],
    [{ HTTP_PROXY: "http://proxy:3128" }, "https://git.example/", undefined],
    [{ https_proxy: "http://lower:1" }, "https://git.example/", "http://lower:1/"],
    [{ https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:1" }, "https://git.example/", "http://upper:1/"],
    [{ https_proxy: "http://lower:1", HTTPS_PROXY: "" }, "https://git.example/", "http://lower:1/"],
    [{ HTTPS_PROXY: "proxy:3128" }, "https://git.example/", "http://proxy:3128/"],
    [{ HTTPS_PROXY: "10.0.0.1:3128" }, "https://git.example/", "http://10.0.0.1:3128/"],
    [{ HTTPS_PROXY: "http://us%40er:pa%2Fss@proxy" }, "https://git.example/", "http://us%40er:pa%2Fss@proxy/"],
    [{ HTTPS_PROXY: "socks5://proxy:1080" }, "https://git.example/", "socks5://proxy:1080"],
    [{}, "https://git.example/", undefined],
  ];
  for (const [env, url, proxy] of rows) {
    test(`${JSON.stringify(env)} for ${url} is ${proxy}`, () => assert.equal(proxiesOf(env)(new URL(url)), proxy));
  }

  for (const address of ["http://localhost/", "http://127.0.0.1:8080/", "http://127.9.9.9/", "http://[::1]/"]) {
    test(`is none for ${address}`, () =>
      assert.equal(proxiesOf({ HTTP_PROXY: "http://proxy" })(new URL(address)), undefined));
  }

  for (const value of ["ftp://proxy", "unix:///run/proxy", "http://", "http://user:hidden@:3128"]) {
    test(`cannot be ${value}; the message does not repeat it`, () =>
      assert.throws(
        () => proxiesOf({ HTTPS_PROXY: value }),
        (error: Error) => /HTTPS_PROXY is not an/.test(error.message) && !error.message.includes(value),
      ));
  }
});

suite("NO_PROXY", () => {
  // The same rows give the same answers in golang.org/x/net/http/httpproxy, but for the final dots.
  const rows: Array<[noProxy: string, direct: string[], proxied: string[]]> = [
    [
      "example.com",
      ["http://example.com/", "http://EXAMPLE.com/", "http://a.example.com/"],
      ["http://notexample.com/"],
    ],
    [".example.com", ["http://a.example.com/", "http://a.b.example.com/"], ["http://example.com/"]],
    ["*.example.com", ["http://a.example.com/"], ["http://example.com/"]],
    ["Example.COM", ["http://example.com/"], []],
    ["example.com:8080", ["http://example.com:8080/", "http://a.example.com:8080/"], ["http://example.com/"]],
    ["example.com:443", ["https://example.com/"], ["http://example.com/"]],
    ["example.com:80", ["http://example.com/"], ["https://example.com/"]],
    [" a.example , b.example ", ["http://a.example/", "http://b.example/"], ["http://c.example/"]],
    ["10.1.2.3", ["http://10.1.2.3/", "http://10.1.2.3:99/"], ["http://10.1.2.4/", "http://10.1.2.3.example/"]],
    ["10.1.2.3:80", ["http://10.1.2.3/"], ["http://10.1.2.3:81/"]],
    ["10.0.0.0/8", ["http://10.255.0.1/"], ["http://11.0.0.1/", "http://ten.example/"]],
    ["10.9.9.9/8", ["http://10.1.1.1/"], ["http://11.1.1.1/"]],
    ["fd00::/8", ["http://[fd12::1]/"], ["http://[fe80::1]/"]],
    ["[fd00::1]:80", ["http://[fd00::1]/"], ["http://[fd00::1]:81/"]],
    ["fd00::1", ["http://[fd00::1]/"], ["http://[fd00::2]/"]],
    ["*", ["http://example.com/", "http://10.1.2.3/"], []],
    ["a.example,*,", ["http://b.example/"], []],
    [":80,,/8,10.0.0.0/64", [], ["http://example.com/", "http://10.0.0.1/"]],
    ["ex*mple.com", [], ["http://example.com/"]],
    ["bücher.example", ["http://xn--bcher-kva.example/"], ["http://example/"]],
    [".svc,.cluster.local", ["http://source.flux-system.svc/", "http://source.svc.cluster.local./"], ["http://svc/"]],
    [".cluster.local.", ["http://source.svc.cluster.local/", "http://source.svc.cluster.local./"], []],
  ];
  for (const [noProxy, direct, proxied] of rows) {
    test(noProxy, () => {
      const proxies = proxiesOf({ HTTP_PROXY: "http://proxy", HTTPS_PROXY: "http://proxy", NO_PROXY: noProxy });
      const isDirect = (url: string) => proxies(new URL(url)) === undefined;
      assert.deepEqual(direct.filter(isDirect), direct);
      assert.deepEqual(proxied.filter(isDirect), []);
    });
  }

  test("may be written in lower case", () => {
    const proxies = proxiesOf({ http_proxy: "http://proxy", no_proxy: "a.example" });
    assert.deepEqual(
      [proxies(new URL("http://a.example/")), proxies(new URL("http://b.example/"))],
      [undefined, "http://proxy/"],
    );
  });
});

test("child processes get the variables in both spellings, and no others", () => {
  const env = {
    HTTPS_PROXY: "http://upper",
    https_proxy: "http://lower",
    no_proxy: "a.example",
    HTTP_PROXY: "",
    PATH: "/",
  };
  assert.deepEqual(proxyVariables(env), {
    HTTPS_PROXY: "http://upper",
    https_proxy: "http://upper",
    NO_PROXY: "a.example",
    no_proxy: "a.example",
  });
});
