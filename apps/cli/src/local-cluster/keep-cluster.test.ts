import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { GitRepository } from "@leat/api";
import { connect } from "@leat/kube";
import { leat } from "../../test/leat.ts";

suite("leat cluster", () => {
  test("keeps a control plane with the kinds and the nodes up, until Ctrl-C", async () => {
    const stop = new AbortController();
    const up = Promise.withResolvers<string>();
    const running = leat(["cluster", "--nodes", "1"], {
      environment: process.env,
      signal: stop.signal,
      onOutput: (text) => {
        const [, kubeconfig] = /KUBECONFIG=(\S+)/.exec(text) ?? [];
        if (kubeconfig !== undefined) up.resolve(kubeconfig);
      },
    });
    const kubeconfig = await Promise.race([up.promise, running.then(({ stderr }) => assert.fail(stderr))]);
    await using kube = await connect({ kubeconfig });
    assert.deepEqual((await kube.list({ resource: GitRepository })).objects, []);
    const nodes = await kube.resourceOf("v1", "Node");
    assert.ok(nodes);
    assert.equal((await kube.list({ resource: nodes })).objects.length, 1);
    stop.abort();
    assert.equal((await running).code, 0);
    await assert.rejects(kube.list({ resource: GitRepository }, { signal: AbortSignal.timeout(5_000) }));
  });

  test("rejects a number of nodes that is none", async () => {
    const { code, stderr } = await leat(["cluster", "--nodes", "many"]);
    assert.equal(code, 2);
    assert.match(stderr, /Write a number from 1 to 999/);
  });
});
