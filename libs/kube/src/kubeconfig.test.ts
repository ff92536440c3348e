import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, suite, test } from "node:test";
import { core } from "@leat/api";
import { createCertificateAuthority, openPrivateDirectory, type PrivateDirectory } from "@leat/testing";
import { startTamperingProxy } from "../test/tampering-proxy.ts";
import { openSetting, type Setting } from "../test/fixture.ts";
import { connect } from "./connect.ts";
import type { Kube } from "./kube.ts";
import { namespaceOf } from "./namespace-of.ts";

let setting: Setting;
let directory: PrivateDirectory;
before(async () => {
  setting = await openSetting();
});
after(() => setting[Symbol.asyncDispose]());
beforeEach(async () => {
  directory = await openPrivateDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

suite("a kubeconfig", () => {
  test("may name a token file and a CA file beside it, and is read again when the token is rejected", async () => {
    await writeIn("token", "not the token");
    await writeIn("ca.crt", await readFile(setting.controlPlane.caFile, "utf8"));
    const { url } = setting.controlPlane;
    await using kube = await connectWith({
      cluster: { server: url, "certificate-authority": "ca.crt" },
      user: { tokenFile: "token" },
    });
    await assert.rejects(ask(kube), { code: 401 });
    await writeIn("token", `${setting.controlPlane.token}\n`);
    await ask(kube);
  });

  test("may have client certificates, a CA as data and another name for TLS", async () => {
    const authority = createCertificateAuthority();
    const { certificate: cert, key } = authority.issue({ commonName: "api", hosts: ["api.internal"] });
    const client = authority.issue({ commonName: "leat" });
    const { url: target, caFile, token } = setting.controlPlane;
    const tls = { cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
    await using front = await startTamperingProxy({ target, caFile, tls, authorization: `Bearer ${token}` });
    await writeIn("client.key", client.key);
    const trusted = { "certificate-authority-data": base64(authority.certificate), "tls-server-name": "api.internal" };
    const user = { "client-certificate-data": base64(client.certificate), "client-key": "client.key" };
    await using kube = await connectWith({ cluster: { server: front.url, ...trusted }, user });
    await ask(kube);
    await using unnamed = await connectWith({
      cluster: { server: front.url, "certificate-authority-data": base64(authority.certificate) },
      user,
    });
    await assert.rejects(ask(unnamed), /cannot be reached: .*127\.0\.0\.1/);
    await using careless = await connectWith({
      cluster: { server: front.url, "insecure-skip-tls-verify": true },
      user,
    });
    await ask(careless);
    await using nobody = await connectWith({ cluster: { server: front.url, ...trusted }, user: {} });
    await assert.rejects(ask(nobody), { reason: "APIServerUnavailable" });
  });

  test("may send everything through a proxy", async () => {
    const tunnels: string[] = [];
    const proxy = createHttpServer().listen(0, "127.0.0.1");
    await once(proxy, "listening");
    proxy.on("connect", (request, client: Socket) => {
      tunnels.push(request.url ?? "");
      const server = connectTcp(Number(new URL(`tcp://${request.url}`).port), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.pipe(server).pipe(client);
      });
      for (const socket of [client, server])
        socket.on("error", () => [client, server].forEach((each) => each.destroy()));
    });
    const address = proxy.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { cluster, user } = await good();
    const kube = await connectWith({ cluster: { ...cluster, "proxy-url": `http://127.0.0.1:${port}` }, user });
    await ask(kube);
    assert.deepEqual(new Set(tunnels), new Set([new URL(setting.controlPlane.url).host]));
    await kube[Symbol.asyncDispose]();
    proxy.close();
  });

  test("may act as another user", async () => {
    const { cluster, user } = await good();
    await using kube = await connectWith({ cluster, user: { ...user, as: "somebody-else" } });
    await assert.rejects(ask(kube), /User "somebody-else" cannot list/);
  });

  test("may have several contexts and several files; the first file to name something wins", async () => {
    const { cluster, user } = await good();
    const users = [{ name: "me", user }];
    const first = { "current-context": "wrong", contexts: [context("right")], users: [{ name: "other", user: {} }] };
    const second = { contexts: [context("wrong")], clusters: [{ name: "here", cluster }], users };
    await writeIn("first", JSON.stringify(first));
    await writeIn("second", JSON.stringify(second));
    const env = { KUBECONFIG: `${join(directory.path, "first")}:${join(directory.path, "second")}` };
    await using kube = await connect({ env, context: "right" });
    await ask(kube);
    await assert.rejects(connect({ env, context: "nowhere" }), /has no context named "nowhere"; it has: right, wrong/);
  });

  const wrong: Array<[given: string, content: string, message: RegExp]> = [
    ["no YAML", "a: [", /is not valid YAML/],
    ["a list", "[]", /is not a kubeconfig: expected a mapping/],
    ["no current context", "{}", /has no current-context/],
    ["a context that does not exist", "current-context: x", /has no context named "x"; it has: none/],
  ];
  for (const [given, content, message] of wrong) {
    test(`with ${given} is rejected before the first request`, async () => {
      const path = await writeIn("kubeconfig", content);
      await assert.rejects(connect({ kubeconfig: path }), message);
    });
  }

  test("gives way to what is named in place of its context's cluster, user, server and token", async () => {
    const { url, token, caFile } = setting.controlPlane;
    const entry = (name: string, fields: object) => ({ name, ...fields });
    const trusted = { "certificate-authority": caFile };
    const kubeconfig = await writeIn(
      "several",
      JSON.stringify({
        "current-context": "wrong",
        clusters: [
          entry("right", { cluster: { server: url, ...trusted } }),
          entry("wrong", { cluster: { server: "https://127.0.0.1:1", ...trusted } }),
        ],
        users: [entry("right", { user: { token } }), entry("wrong", { user: { token: "no token" } })],
        contexts: [entry("wrong", { context: { cluster: "wrong", user: "wrong", namespace: "team" } })],
      }),
    );
    for (const overrides of [
      { cluster: "right", user: "right" },
      { server: url, token },
    ]) {
      await using kube = await connect({ kubeconfig, overrides });
      await ask(kube);
    }
    assert.equal(await namespaceOf({ kubeconfig }), "team");
  });

  test("whose proxy cannot be used is rejected", async () => {
    const { cluster, user } = await good();
    const by = (proxyUrl: string) => connectWith({ cluster: { ...cluster, "proxy-url": proxyUrl }, user });
    await assert.rejects(by("ftp://proxy"), /proxy-url that is not an http, https or socks5 URL/);
    await assert.rejects(by("socks5://127.0.0.1:1080"), /set tls-server-name/);
  });

  test("whose server is no URL is rejected, as is a missing file", async () => {
    await assert.rejects(
      connectWith({ cluster: { server: "ftp://x" }, user: {} }),
      /has the invalid server "ftp:\/\/x"/,
    );
    await assert.rejects(connect({ kubeconfig: join(directory.path, "none") }), /cannot read the kubeconfig .*none/);
    await assert.rejects(connect({ env: {} }), /no API server configured/);
  });
});

suite("an exec plugin", () => {
  test("runs once for many requests, and is told about the cluster", async () => {
    const { plugin, calls } = await writePlugin(setting.controlPlane.token);
    const { cluster } = await good();
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: plugin,
      provideClusterInfo: true,
      interactiveMode: "Never",
    };
    await using kube = await connectWith({ cluster, user: { exec } });
    await Promise.all(Array.from({ length: 5 }, () => ask(kube)));
    const [info, ...more] = await calls();
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(JSON.parse(info ?? ""), {
      kind: "ExecCredential",
      apiVersion: "client.authentication.k8s.io/v1",
      spec: { interactive: false, cluster: { server: setting.controlPlane.url } },
    });
  });

  test("runs again when the server rejects what it gave", async () => {
    const { plugin, calls } = await writePlugin("not the token");
    const { cluster } = await good();
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: plugin,
      args: ["argument"],
      env: [{ name: "A", value: "b" }],
    };
    await using kube = await connectWith({ cluster, user: { exec } });
    await writePlugin(setting.controlPlane.token);
    await ask(kube);
    assert.equal((await calls()).length, 2);
  });

  test("that fails is named, with the first words of what it said", async () => {
    const script = await writeIn("fails", "#!/bin/sh\necho 'log in first' >&2\necho more >&2\nexit 1\n");
    await chmod(script, 0o755);
    const { cluster } = await good();
    const connecting = connectWith({ cluster, user: { exec: { command: "./fails" } } });
    await assert.rejects(connecting, {
      reason: "KubeconfigInvalid",
      message: /the exec plugin .*fails of context it returned no credentials: log in first$/,
    });
  });
});

suite("a pod's service account", () => {
  test("is found by the environment; its token is read again when it is rejected", async () => {
    await writeIn("token", "not the token");
    await writeIn("ca.crt", await readFile(setting.controlPlane.caFile, "utf8"));
    const { hostname, port } = new URL(setting.controlPlane.url);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    await using kube = await connect({ env, serviceAccountDirectory: directory.path });
    await writeIn("token", setting.controlPlane.token);
    await ask(kube);
  });

  test("that is not mounted is an error that says what to look at", async () => {
    const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    const connecting = connect({ env, serviceAccountDirectory: join(directory.path, "none") });
    await assert.rejects(connecting, /does the pod mount its service account's token\?/);
    await assert.rejects(connect({ inCluster: true, env: {} }), /KUBERNETES_SERVICE_HOST is not set/);
  });
});

interface Entries {
  cluster: object;
  user: object;
}

async function connectWith({ cluster, user }: Entries): Promise<Kube> {
  const content = {
    "current-context": "it",
    contexts: [context("it")],
    clusters: [{ name: "here", cluster }],
    users: [{ name: "me", user }],
  };
  return connect({ kubeconfig: await writeIn("kubeconfig", JSON.stringify(content)) });
}

function context(name: string) {
  return { name, context: { cluster: "here", user: "me" } };
}

async function good(): Promise<Entries> {
  const { url, token, caFile } = setting.controlPlane;
  return { cluster: { server: url, "certificate-authority": caFile }, user: { token } };
}

interface Plugin {
  plugin: string;
  /** What each run was told by KUBERNETES_EXEC_INFO. */
  calls: () => Promise<string[]>;
}

async function writePlugin(token: string): Promise<Plugin> {
  const log = join(directory.path, "calls");
  const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token } };
  const plugin = await writeIn(
    "plugin",
    `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> ${log}\necho '${JSON.stringify(credential)}'\n`,
  );
  await chmod(plugin, 0o755);
  return { plugin, calls: async () => (await readFile(log, "utf8")).trim().split("\n") };
}

async function ask(kube: Kube): Promise<void> {
  await kube.list({ resource: core.ConfigMap, namespace: setting.namespace });
}

async function writeIn(name: string, content: string): Promise<string> {
  const path = join(directory.path, name);
  await writeFile(path, content);
  return path;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
