import assert from "node:assert/strict";
import { access, chmod, mkdir, mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { identityOf, run, startService } from "@leat/process";
import { resolveBinary } from "./binary.ts";
import { build } from "./build.ts";
import { type ToolchainConfig, toolchainConfig } from "./config.ts";
import { binaryNames, parts, type PartSource } from "./parts.ts";

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

  test("refuses a variable that names what is no program", async () => {
    await using directory = await place();
    const config = bare(directory.path, { LEAT_KUBE_APISERVER: join(directory.path, "nothing") });
    await assert.rejects(
      resolveBinary("kube-apiserver", config),
      /LEAT_KUBE_APISERVER is .*nothing, which is not a program/,
    );
  });
});

suite("a binary that is not to be had", () => {
  test("is named with what was tried and the three ways to mend it", async () => {
    await using directory = await place();
    await assert.rejects(resolveBinary("kustomize", bare(directory.path)), (error: Error) => {
      const [head, ...lines] = error.message.split("\n");
      assert.equal(head, `kustomize ${parts.kustomize.version} is missing, and could not be had:`);
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
    assert.deepEqual(
      await readdir(join(directory.path, "cache", "leat", "toolchain")).then((names) =>
        names.filter((name) => name.startsWith("lock")),
      ),
      [],
    );
  });
});

suite("building from source", () => {
  const source: PartSource = {
    version: "1.0.0",
    module: "tiny",
    package: "example.org/tiny",
    variables: { "main.version": "v1.0.0" },
  };
  const { environment } = toolchainConfig();

  async function tinyModule(directory: string, body: string): Promise<string> {
    const module = join(directory, "tiny");
    await mkdir(module);
    await writeFile(join(module, "go.mod"), "module example.org/tiny\n\ngo 1.24\n");
    await writeFile(join(module, "main.go"), `package main\n\nvar version = "none"\n\nfunc main() {\n${body}\n}\n`);
    return module;
  }

  test("makes a program that knows its version, and leaves nothing else", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "println(version)");
    const target = join(directory.path, "program");
    const scratch = join(directory.path, "builds");
    await mkdir(scratch);
    await writeFile(join(scratch, "program"), "what a killed build left");
    await build(source, target, { moduleDirectory, environment, scratch, onProgress: () => {}, signal: undefined });
    assert.equal((await run(target, [], { timeoutMs: 5000 })).stderr, "v1.0.0\n");
    await assert.rejects(access(scratch), /ENOENT/);
  });

  test("ends the go of a build that was killed", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "println(version)");
    const scratch = join(directory.path, "builds");
    await mkdir(scratch);
    await using leftOver = await startService("/bin/sleep", ["60"]);
    await writeFile(join(scratch, "go"), identityOf(leftOver.pid));
    await build(source, join(directory.path, "program"), {
      moduleDirectory,
      environment,
      scratch,
      onProgress: () => {},
      signal: undefined,
    });
    assert.equal(await leftOver.ended, 128);
  });

  test("tells what the compiler said, and leaves no half program", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "nonsense()");
    const target = join(directory.path, "program");
    const scratch = join(directory.path, "builds");
    const building = build(source, target, {
      moduleDirectory,
      environment,
      scratch,
      onProgress: () => {},
      signal: undefined,
    });
    await assert.rejects(building, /go build failed: [^]*undefined: nonsense/);
    await assert.rejects(access(target), /ENOENT/);
    await assert.rejects(access(scratch), /ENOENT/);
  });

  test("ends with go when it is cancelled", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "println(version)");
    const options = {
      moduleDirectory,
      environment,
      scratch: join(directory.path, "builds"),
      onProgress: () => {},
      signal: AbortSignal.abort(),
    };
    await assert.rejects(build(source, join(directory.path, "program"), options), /cancelled|aborted/);
  });

  test("has the version of each binary in the module that pins it", async () => {
    for (const name of binaryNames) {
      const { module, package: main, library, version, moduleVersion = version } = parts[name];
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
});
