import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { openPrivateDirectory } from "@leat/testing";
import { leat } from "../../test/leat.ts";
import { kustomization } from "../../test/objects.ts";
import { openSetting, type Setting } from "../../test/fixture.ts";

let setting: Setting;
before(async () => {
  setting = await openSetting();
});
after(() => setting[Symbol.asyncDispose]());

suite("leat", () => {
  test("--help lists every command with its summary and an example", async () => {
    const { code, stdout } = await leat(["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /^Inspect:\n {2}get +list resources and their status\n +leat get all -A/m);
  });

  for (const option of ["-h", "--help"]) {
    test(`${option} before a command prints the help of the command`, async () => {
      const { code, stdout } = await leat([option, "-n", "shop", "get", "ks"]);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: leat get <kind>/);
    });
  }

  const misunderstood: Array<[what: string, args: string[], message: RegExp]> = [
    ["an unknown command", ["gett"], /unknown command 'gett'.*\n.*Did you mean get/],
    ["an unknown option", ["get", "ks", "--frob"], /unknown option '--frob'\nSee `leat get --help`/],
    ["an unknown kind", ["get", "kustomisation"], /unknown kind "kustomisation", did you mean kustomization\?/],
    ["a wrong duration", ["get", "ks", "--timeout", "soon"], /Write it like 30s/],
    ["a status that no condition has", ["get", "ks", "--status-selector", "ready=maybe"], /Write it like ready=false/],
    ["a wrong selector", ["get", "ks", "-l", "!!"], /Write it like team=shop/],
    ["a wrong selector of what to suspend", ["suspend", "ks", "--all", "-l", "!!"], /Write it like team=shop/],
    ["a wrong selector of what to resume", ["resume", "ks", "--all", "-l", "!!"], /Write it like team=shop/],
    ["a wrong format", ["get", "ks", "-o", "xml"], /Allowed choices are json, yaml, wide, name/],
    ["names with several kinds", ["get", "all", "apps"], /names need one kind/],
    ["no object to trace", ["trace"], /^leat: name one object as KIND\/NAME or KIND NAME, such as deployment\/web$/m],
    ["no command", [], /Usage: leat/],
  ];
  for (const [what, args, message] of misunderstood) {
    test(`ends with 2 for ${what}, and says what to write`, async () => {
      const { code, stderr, stdout } = await leat(args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, message);
    });
  }
});

suite("a command that talks to a cluster", () => {
  test("takes the namespace of -n, else LEAT_NAMESPACE, else the context's, else flux-system", async () => {
    await using directory = await openPrivateDirectory();
    const { url, token, caFile } = setting.controlPlane;
    const KUBECONFIG = join(directory.path, "kubeconfig");
    const config = (context: object) => ({
      "current-context": "test",
      clusters: [{ name: "test", cluster: { server: url, "certificate-authority": caFile } }],
      users: [{ name: "test", user: { token } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test", ...context } }],
    });
    const namespaceWith = async (args: string[], environment: NodeJS.ProcessEnv, context: object = {}) => {
      await writeFile(KUBECONFIG, JSON.stringify(config(context)));
      const { stderr } = await leat(["get", "ks", "none", ...args], { environment: { KUBECONFIG, ...environment } });
      return /in namespace ([^ ;,]+)/.exec(stderr.trim())?.[1];
    };
    assert.equal(await namespaceWith(["-n", "a"], { LEAT_NAMESPACE: "b" }, { namespace: "c" }), "a");
    assert.equal(await namespaceWith([], { LEAT_NAMESPACE: "b" }, { namespace: "c" }), "b");
    assert.equal(await namespaceWith([], {}, { namespace: "c" }), "c");
    assert.equal(await namespaceWith([], {}), "flux-system");
  });

  test("names what is near where an object does not exist", async () => {
    await setting.create(kustomization("greenhouse"));
    const near = await setting.leat(["get", "ks", "grenhouse"]);
    assert.equal(near.code, 1);
    assert.match(
      near.stderr,
      /^leat: Kustomization grenhouse not found in namespace cli-\w+, did you mean greenhouse\?$/m,
    );
    const elsewhere = await setting.leat(["get", "ks", "greenhouse", "-n", "default"]);
    assert.match(elsewhere.stderr, /there is one in .*: add -n cli-/);
  });

  test("says what to do where there is no kubeconfig", async () => {
    const { code, stderr } = await leat(["get", "ks"], { environment: { KUBECONFIG: "/nowhere/config" } });
    assert.equal(code, 1);
    assert.match(stderr, /cannot read the kubeconfig \/nowhere\/config: no such file\.\nUse --kubeconfig/);
  });

  test("says what to do where the API server cannot be reached", async () => {
    const { code, stderr } = await setting.leat(["get", "ks", "--server", "https://127.0.0.1:1"]);
    assert.equal(code, 1);
    assert.match(stderr, /at https:\/\/127\.0\.0\.1:1 cannot be reached.*\nIs the cluster running/);
  });

  test("says what to do where a right is missing, acting as somebody else", async () => {
    const { code, stderr } = await setting.leat(["get", "ks", "--as", "nobody"]);
    assert.equal(code, 1);
    assert.match(stderr, /User "nobody" cannot list resource "kustomizations".*\nAsk for this permission/);
  });

  test("gives up when --timeout is over, and says what it waited for", async () => {
    const { code, stderr } = await setting.leat(["get", "ks", "--timeout", "1ms"]);
    assert.equal(code, 1);
    assert.match(stderr, /timed out after 1ms waiting for the (list of kustomizations|API server); --timeout/);
  });

  test("ends with 130 at Ctrl-C", async () => {
    const { code, stderr } = await setting.leat(["get", "ks"], { signal: AbortSignal.abort() });
    assert.deepEqual([code, stderr], [130, "Stopped.\n"]);
  });
});
