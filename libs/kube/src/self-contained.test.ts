/** A kubeconfig that is not to be trusted gets nothing run, nothing read and nothing told. */
import assert from "node:assert/strict";
import { access, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { core, Fault } from "@leat/api";
import { createCertificateAuthority, openPrivateDirectory, type PrivateDirectory } from "@leat/testing";
import { openSetting, type Setting } from "../test/fixture.ts";
import { connect } from "./connect.ts";

const marker = "c0ffee-marker";

let setting: Setting;
let directory: PrivateDirectory;
/** Listens on a socket in the file system, as container runtimes do. */
let socket: Server;
let heard = 0;
before(async () => {
  setting = await openSetting();
  directory = await openPrivateDirectory();
  await writeFile(inDirectory("secret"), marker);
  socket = createServer((_, response) => {
    heard += 1;
    response.end(marker);
  });
  socket.on("connection", () => {
    heard += 1;
  });
  socket.listen(inDirectory("socket"));
  await once(socket, "listening");
});
after(async () => {
  socket.close();
  await directory[Symbol.asyncDispose]();
  await setting[Symbol.asyncDispose]();
});

const inDirectory = (name: string) => join(directory.path, name);

interface Parts {
  cluster?: object;
  user?: object;
}

async function good(): Promise<Required<Parts>> {
  const { url, token, caFile } = setting.controlPlane;
  const ca = await readFile(caFile);
  return { cluster: { server: url, "certificate-authority-data": ca.toString("base64") }, user: { token } };
}

function textOf({ cluster = {}, user = {} }: Parts): string {
  return JSON.stringify({
    "current-context": "main",
    contexts: [{ name: "main", context: { cluster: "main", user: "main" } }],
    clusters: [{ name: "main", cluster }],
    users: [{ name: "main", user }],
  });
}

const connectTo = (text: string, permitInsecureTls = false) =>
  connect({ selfContained: { text, origin: "its kubeconfig", permitInsecureTls } });

suite("a self-contained kubeconfig", () => {
  test("is all that is needed", async () => {
    await using kube = await connectTo(textOf(await good()));
    await kube.list({ resource: core.ConfigMap, namespace: setting.namespace });
  });

  test("may have a client certificate and another name for TLS", async () => {
    const authority = createCertificateAuthority();
    const { certificate, key } = authority.issue({ commonName: "leat" });
    const user = { "client-certificate-data": base64(certificate), "client-key-data": base64(key) };
    const { cluster } = await good();
    await using kube = await connectTo(textOf({ cluster: { ...cluster, "tls-server-name": "kubernetes" }, user }));
    // The server does not know the authority: it was the certificate that was rejected.
    await assert.rejects(kube.list({ resource: core.ConfigMap }), { code: 401 });
  });

  test("may act as another user", async () => {
    const { cluster, user } = await good();
    await using kube = await connectTo(textOf({ cluster, user: { ...user, as: "somebody-else" } }));
    await assert.rejects(kube.list({ resource: core.ConfigMap }), /User "somebody-else" cannot list/);
  });

  test("may leave the server unverified only where that is permitted", async () => {
    const { cluster, user } = await good();
    const { server } = cluster as { server: string };
    const text = textOf({ cluster: { server, "insecure-skip-tls-verify": true }, user });
    await assert.rejects(connectTo(text), /insecure-skip-tls-verify.*--insecure-kubeconfig-tls/);
    await using kube = await connectTo(text, true);
    await kube.list({ resource: core.ConfigMap, namespace: setting.namespace });
  });

  const exec = (more: object = {}) => ({
    apiVersion: "client.authentication.k8s.io/v1",
    command: "/bin/sh",
    args: ["-c", `touch ${inDirectory("ran")}`],
    ...more,
  });
  const hostile: Array<[given: string, parts: () => Parts | string, message: RegExp]> = [
    ["an exec plugin", () => ({ user: { exec: exec() } }), /uses an exec plugin/],
    ["an exec plugin beside a token", () => ({ user: { token: marker, exec: exec() } }), /uses an exec plugin/],
    [
      "an auth-provider that runs a program",
      () => ({ user: { "auth-provider": { name: "gcp", config: { "cmd-path": "/bin/sh", "cmd-args": "-c id" } } } }),
      /uses an auth-provider/,
    ],
    [
      "a header more beside its token",
      () => ({ user: { token: `${marker}\r\nimpersonate-user: admin` } }),
      /authorization/,
    ],
    ["a header more beside its user", () => ({ user: { as: `${marker}\r\nx: y` } }), /impersonate-user/],
    ["a token file", () => ({ user: { tokenFile: inDirectory("secret") } }), /uses a file \(tokenFile\)/],
    ["a token file that is relative", () => ({ user: { tokenFile: "../secret" } }), /uses a file \(tokenFile\)/],
    ["a token file beside a token", () => ({ user: { token: marker, tokenFile: "x" } }), /uses a file \(tokenFile\)/],
    [
      "a certificate file",
      () => ({ user: { "client-certificate": inDirectory("secret") } }),
      /uses a file \(client-certificate\)/,
    ],
    ["a key file", () => ({ user: { "client-key": inDirectory("secret") } }), /uses a file \(client-key\)/],
    [
      "a CA file",
      () => ({ cluster: { "certificate-authority": inDirectory("secret") } }),
      /uses a file \(certificate-authority\)/,
    ],
    ["groups to act as", () => ({ user: { "as-groups": ["system:masters"] } }), /as-groups/],
    ["no server", () => ({ cluster: { server: "" } }), /server that is not an http or https URL/],
    [
      "a server on a socket",
      () => ({ cluster: { server: `unix://${inDirectory("socket")}` } }),
      /not an http or https URL/,
    ],
    [
      "a server on a socket over HTTP",
      () => ({ cluster: { server: `http+unix://${encodeURIComponent(inDirectory("socket"))}` } }),
      /not an http or https URL/,
    ],
    [
      "a server that is a file",
      () => ({ cluster: { server: `file://${inDirectory("secret")}` } }),
      /not an http or https URL/,
    ],
    [
      "a server with a password",
      () => ({ cluster: { server: `https://me:${marker}@127.0.0.1` } }),
      /user or a password in its URL/,
    ],
    [
      "a proxy on a socket",
      () => ({ cluster: { "proxy-url": `unix://${inDirectory("socket")}` } }),
      /proxy-url that is no/,
    ],
    ["a proxy that is a file", () => ({ cluster: { "proxy-url": `file://${marker}` } }), /proxy-url that is no/],
    ["a proxy without a host", () => ({ cluster: { "proxy-url": "http://" } }), /proxy-url that is no/],
    ["a proxy that is a word", () => ({ cluster: { "proxy-url": marker } }), /proxy-url that is no/],
    ["text that is not valid YAML", () => `a: [${marker}`, /is not valid YAML/],
    ["a tag that means something to others", () => `!!js/function "${marker}"`, /is not valid YAML/],
    ["a word", () => marker, /is not a kubeconfig: expected a mapping/],
    ["a list", () => `[${marker}]`, /is not a kubeconfig: expected a mapping/],
    ["nothing", () => "", /is not a kubeconfig: expected a mapping/],
    ["no context", () => `{token: ${marker}}`, /has no current-context/],
    [
      "no such cluster",
      () => '{"current-context": "a", "contexts": [{"name": "a", "context": {}}]}',
      /no cluster named/,
    ],
  ];
  for (const [given, parts, message] of hostile) {
    test(`with ${given} is rejected, and gets nothing`, async () => {
      const { cluster, user } = await good();
      const made = parts();
      const text =
        typeof made === "string"
          ? made
          : textOf({ cluster: { ...cluster, ...made.cluster }, user: { ...user, ...made.user } });
      await assert.rejects(connectTo(text), (error) => {
        assert.ok(error instanceof Fault);
        assert.equal(error.reason, "KubeconfigInvalid");
        assert.match(error.message, message);
        assert.ok(error.message.startsWith("its kubeconfig "), error.message);
        assert.doesNotMatch(`${error.message} ${String(error.cause)}`, new RegExp(marker));
        return true;
      });
      await assert.rejects(access(inDirectory("ran")), { code: "ENOENT" });
      assert.equal(heard, 0);
    });
  }
});

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
