import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { startGitServer } from "@leat/testing";
import { configMap, endlessPatch, openWorkbench } from "../test/fixture.ts";

const bench = await openWorkbench();
after(() => bench[Symbol.asyncDispose]());

suite("what comes from elsewhere", () => {
  test("is fetched from a URL, and known by it", async () => {
    await using server = await serve(configMap("remote"));
    const build = await bench.build({ "app/kustomization.yaml": `resources: ["${server.url}/a.yaml"]` }, "app");
    assert.ok(build.kind === "built", JSON.stringify(build));
    assert.deepEqual([build.objects[0]?.file, build.inputs], [`${server.url}/a.yaml`, ""]);
  });

  test("is read again by each build", async () => {
    await using server = await serve(configMap("remote"));
    const files = { "kustomization.yaml": `resources: ["${server.url}/a.yaml"]` };
    await bench.build(files);
    const before = server.requests();
    await bench.build(files);
    assert.ok(server.requests() > before);
  });

  test("is built with a limit of memory", { skip: process.platform !== "linux" }, async () => {
    await using server = await serve(configMap("remote", { one: "1" }));
    await using limited = await openWorkbench({ maxMemoryBytes: 200 * 1024 ** 2 });
    const build = limited.build({
      "kustomization.yaml": `resources: ["${server.url}/a.yaml"]\npatches: [{target: {kind: ConfigMap}, path: p.yaml}]`,
      "p.yaml": endlessPatch,
    });
    await assert.rejects(build, {
      name: "Fault",
      isExhaustion: true,
      message: /kustomize needs more than 200 MiB of memory; split it$/,
    });
  });

  test("may be a file of any field", async () => {
    await using server = await serve(configMap("a", { patched: "1" }));
    const files = {
      "kustomization.yaml": `resources: [a.yaml]\npatches: [{path: "${server.url}/p.yaml"}]`,
      "a.yaml": configMap("a"),
    };
    const build = await bench.build(files);
    assert.ok(build.kind === "built", JSON.stringify(build));
    assert.deepEqual([build.objects[0]?.object["data"], build.inputs], [{ patched: "1" }, ""]);
  });

  test("is cloned with git, and known by its repository", async () => {
    await using server = await startGitServer();
    const repository = await server.createRepository("team/base");
    await repository.commit({ "dir/kustomization.yaml": "resources: [cm.yaml]", "dir/cm.yaml": configMap("cm") });
    const entry = `${repository.url}/dir?ref=main`;
    const build = await bench.build({ "kustomization.yaml": `resources: ["${entry}"]\nnamePrefix: x-` });
    assert.ok(build.kind === "built", JSON.stringify(build));
    assert.deepEqual([build.objects[0]?.object.metadata.name, build.inputs], ["x-cm", ""]);
    assert.equal(build.objects[0]?.file, `${repository.url}//dir/cm.yaml`);
  });

  test("says why it cannot be had, without the places of this machine", async () => {
    await using server = await startGitServer();
    const entry = `${server.url}/team/nothing.git//dir`;
    const build = await bench.build({ "kustomization.yaml": `resources: ["${entry}"]` });
    assert.ok(build.kind === "rejected", JSON.stringify(build));
    assert.match(
      build.message,
      /cannot be built: git fetch .*\/team\/nothing\.git HEAD: fatal: repository .* not found$/,
    );
    assert.ok(!build.message.includes(bench.directory), build.message);
  });
});

suite("a kustomization from elsewhere reads nothing of this machine", async () => {
  const outside = join(bench.directory, "outside.yaml");
  await writeFile(outside, configMap("outside", { secret: "hunter2" }));
  await writeFile(join(bench.directory, "kustomization.yaml"), "resources: [outside.yaml]");
  const rows: Array<[how: string, fields: string]> = [
    ["by an absolute path", `resources: [${outside}]`],
    ["by a way up", `resources: [${"../".repeat(20)}${outside.slice(1)}]`],
    ["by a directory", `resources: [${"../".repeat(20)}${bench.directory.slice(1)}]`],
    ["by a generator", `configMapGenerator: [{name: g, files: [${outside}]}]`],
    [
      "by a transformer",
      `transformers: ["{apiVersion: builtin, kind: PatchTransformer, metadata: {name: t}, path: ${outside}}"]`,
    ],
    ["by another repository on this machine", `resources: ["file://${bench.directory}"]`],
  ];
  for (const [how, fields] of rows) {
    test(how, async () => {
      await using server = await startGitServer();
      const repository = await server.createRepository("evil");
      await repository.commit({ "kustomization.yaml": fields });
      const build = await bench.build({ "kustomization.yaml": `resources: ["${repository.url}?ref=main"]` });
      assert.ok(build.kind === "rejected" && !build.message.includes("hunter2"), JSON.stringify(build));
      assert.match(
        build.message,
        /security|not in or below|cannot be absolute|outside|git fetch [^]* transport 'file' not allowed/,
      );
    });
  }

  test("by a symbolic link", async () => {
    await using server = await startGitServer();
    const repository = await server.createRepository("evil");
    await repository.commit({ "kustomization.yaml": "resources: [cm.yaml]", "cm.yaml": { symlink: outside } });
    const build = await bench.build({ "kustomization.yaml": `resources: ["${repository.url}?ref=main"]` });
    assert.ok(build.kind === "rejected" && !build.message.includes("hunter2"), JSON.stringify(build));
    assert.match(build.message, /security|not in or below/);
  });
});

async function serve(text: string): Promise<AsyncDisposable & { url: string; requests: () => number }> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end(text);
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      await closed;
    },
  };
}
