import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { access, mkdtempDisposable, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { run } from "@leat/process";
import { resolveBinary } from "../binary.ts";
import { toolchainConfig } from "../config.ts";
import { download } from "./download.ts";
import { fetchRelease } from "./fetch-release.ts";
import { holdLock } from "../lock.ts";
import { parts } from "../parts.ts";
import { thisPlatform } from "../platform.ts";
import { checksumIn } from "./published-checksum.ts";
import { type Release, releaseOf } from "../releases.ts";

const content = Buffer.alloc(300_000, "leat ");
const options = { onProgress: () => {}, signal: undefined };

function place() {
  return mkdtempDisposable(join(tmpdir(), "leat-download-"));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Serves files by path, with ranges; the first answers stop after as many bytes as `cuts` says, until `cut` ends them. */
async function startReleaseServer(files: Record<string, Buffer>, { cuts = [] as number[], ranges = true } = {}) {
  const seen: (string | undefined)[] = [];
  let current: ServerResponse | undefined;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    seen.push(request.headers.range);
    const file = files[request.url ?? ""];
    if (file === undefined) return void response.writeHead(404).end();
    const start = ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
    if (start >= file.length) return void response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    const rest = file.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, { "content-length": rest.length });
    const cut = cuts.shift();
    if (cut === undefined) response.end(rest);
    else response.write(rest.subarray(0, cut));
    current = response;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    cut: () => current?.destroy(),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

suite("download", () => {
  test("goes on where a broken transfer ended, until the file is whole", async () => {
    await using server = await startReleaseServer({ "/file": content }, { cuts: [100_000, 50_000] });
    await using directory = await place();
    const path = join(directory.path, "file");
    const onProgress = (received: number) => {
      if (received === 100_000 || received === 150_000) server.cut();
    };
    await download(`${server.url}/file`, path, sha256(content), { ...options, onProgress });
    assert.deepEqual(await readFile(path), content);
    assert.deepEqual(server.seen, [undefined, "bytes=100000-", "bytes=150000-"]);
  });

  test("goes on from what an earlier process left, whole files included", async () => {
    await using server = await startReleaseServer({ "/file": content });
    await using directory = await place();
    const path = join(directory.path, "file");
    for (const have of [200_000, content.length]) {
      await writeFile(path, content.subarray(0, have));
      await download(`${server.url}/file`, path, sha256(content), options);
      assert.deepEqual(await readFile(path), content);
    }
    assert.deepEqual(server.seen, ["bytes=200000-", "bytes=300000-"]);
  });

  test("starts again where the server knows no ranges, or has a shorter file", async () => {
    await using directory = await place();
    const path = join(directory.path, "file");
    await using plain = await startReleaseServer({ "/file": content }, { ranges: false });
    await writeFile(path, "left over");
    await download(`${plain.url}/file`, path, sha256(content), options);
    assert.deepEqual(await readFile(path), content);
    await using shorter = await startReleaseServer({ "/file": Buffer.from("short") });
    await download(`${shorter.url}/file`, path, sha256(Buffer.from("short")), options);
    assert.equal(await readFile(path, "utf8"), "short");
  });

  test("throws away what has another checksum", async () => {
    await using server = await startReleaseServer({ "/file": content });
    await using directory = await place();
    const path = join(directory.path, "file");
    await assert.rejects(
      download(`${server.url}/file`, path, "0".repeat(64), options),
      new RegExp(`has the SHA-256 ${sha256(content)} and not 0+: it was thrown away`),
    );
    await assert.rejects(access(path), /ENOENT/);
  });

  test("does not ask again for what is rejected", async () => {
    await using server = await startReleaseServer({});
    await using directory = await place();
    await assert.rejects(
      download(`${server.url}/gone`, join(directory.path, "file"), sha256(content), options),
      /gone: 404/,
    );
    assert.equal(server.seen.length, 1);
  });

  test("gives up on a server that falls silent", async () => {
    const server = createServer((_, response) => void response.writeHead(200).write("some")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    await using directory = await place();
    await assert.rejects(
      download(url, join(directory.path, "file"), sha256(content), { ...options, stallMs: 100 }),
      /sent nothing for 100 ms/,
    );
    server.closeAllConnections();
    server.close();
  });
});

suite("a release", () => {
  const release: Release = { url: "https://dl.example.org/v1/bin/tool", sha256: sha256(content) };

  test("comes from a mirror that is laid out by host and path, as a program", async () => {
    await using server = await startReleaseServer({ "/mirror/dl.example.org/v1/bin/tool": content });
    await using directory = await place();
    const target = join(directory.path, "tool");
    await fetchRelease(release, target, {
      ...options,
      downloads: join(directory.path, "downloads"),
      mirror: `${server.url}/mirror/`,
    });
    assert.deepEqual(await readFile(target), content);
    assert.equal((await stat(target)).mode & 0o777, 0o755);
  });

  test("is taken out of its archive", async () => {
    await using directory = await place();
    await writeFile(join(directory.path, "tool"), content);
    await writeFile(join(directory.path, "README"), "read me");
    const tar = await run("/bin/tar", ["-C", directory.path, "-c", "README", "tool"], { timeoutMs: 5000 });
    const archive = await promisify(gzip)(tar.stdout);
    await using server = await startReleaseServer({ "/dl.example.org/tool.tar.gz": archive });
    const archived = { url: "https://dl.example.org/tool.tar.gz", sha256: sha256(archive), member: "tool" };
    const target = join(directory.path, "program");
    await fetchRelease(archived, target, {
      ...options,
      downloads: join(directory.path, "downloads"),
      mirror: server.url,
    });
    assert.deepEqual(await readFile(target), content);
  });

  test("without a known checksum is not taken by a connection that anyone can change", async () => {
    await using server = await startReleaseServer({ "/dl.example.org/v1/bin/tool": content });
    await using directory = await place();
    const unknown = { url: release.url, checksumUrl: `${release.url}.sha256` };
    const fetching = fetchRelease(unknown, join(directory.path, "tool"), {
      ...options,
      downloads: directory.path,
      mirror: server.url,
    });
    await assert.rejects(fetching, /is not known, and one from http:.* is not to be trusted/);
    assert.deepEqual(server.seen, []);
  });

  test("has its checksum read from a file of one or of many", () => {
    const [one, other] = ["1".repeat(64), "2".repeat(64)];
    assert.equal(checksumIn(one, "tool"), one);
    assert.equal(checksumIn(`${one}  tool.zip\n${other} *tool\n`, "tool"), other);
    assert.equal(checksumIn("<html>", "tool"), undefined);
  });

  test("of each binary for Linux is at its project's place", () => {
    assert.equal(
      releaseOf("kube-apiserver", "linux/arm64")?.url,
      "https://dl.k8s.io/v1.37.2/bin/linux/arm64/kube-apiserver",
    );
    assert.equal(releaseOf("helm", "darwin/arm64")?.member, "darwin-arm64/helm");
    assert.equal(
      releaseOf("versitygw", "linux/amd64")?.member,
      `versitygw_v${parts.versitygw.version}_Linux_x86_64/versitygw`,
    );
    for (const [name, platform] of [
      ["kube-scheduler", "darwin/arm64"],
      ["weed", "linux/amd64"],
    ] as const)
      assert.equal(releaseOf(name, platform), undefined);
    assert.match(releaseOf("kustomize", "linux/amd64")?.sha256 ?? "", /^[0-9a-f]{64}$/);
  });
});

suite("a binary of a mirror", () => {
  const path = "/github.com/kubernetes-sigs/kwok/releases/download/v0.8.0";
  const file = `${path}/kwok-${thisPlatform().replace("/", "-")}`;

  function config(directory: string, mirror: string) {
    const ours = (release: Release | undefined) => release && { ...release, sha256: sha256(content) };
    const environment = { XDG_CACHE_HOME: directory, LEAT_TOOLCHAIN_MIRROR: mirror, PATH: "/nonexistent" };
    const original = toolchainConfig(environment);
    return { ...original, releaseOf: (...of: Parameters<typeof releaseOf>) => ours(original.releaseOf(...of)) };
  }

  test("is downloaded once, also where two ask at the same time", async () => {
    await using server = await startReleaseServer({ [file]: content });
    await using directory = await place();
    const steps = new Set<string>();
    const resolve = () =>
      resolveBinary("kwok", config(directory.path, server.url), { onProgress: ({ step }) => steps.add(step) });
    const [one, other] = await Promise.all([resolve(), resolve()]);
    assert.equal(one, other);
    assert.deepEqual(await readFile(one), content);
    assert.equal(await resolve(), one);
    assert.deepEqual([server.seen.length, [...steps].toSorted()], [1, ["download", "made", "wait"]]);
  });

  test("does not wait for another binary that is being made", async () => {
    await using server = await startReleaseServer({ [file]: content });
    await using directory = await place();
    const lock = join(directory.path, "leat", "toolchain", "lock-helm");
    await using _other = await holdLock(lock, { onWait: () => {}, signal: undefined });
    const signal = AbortSignal.timeout(30_000);
    assert.deepEqual(
      await readFile(await resolveBinary("kwok", config(directory.path, server.url), { signal })),
      content,
    );
  });

  test("is not used where its checksum is wrong, and the error says so", async () => {
    await using server = await startReleaseServer({ [file]: Buffer.from("something else") });
    await using directory = await place();
    await assert.rejects(
      resolveBinary("kwok", config(directory.path, server.url)),
      /kwok 0\.8\.0 is missing[^]*download: .*has the SHA-256/,
    );
  });
});
