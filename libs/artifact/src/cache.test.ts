/** Against a real store and its server. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Artifact } from "@leat/api";
import { createHttp } from "@leat/http";
import { archiveOf, assertFault, startWorld, type World } from "./fixtures/cache-world.ts";

const { signal } = new AbortController();

suite("opening an artifact", () => {
  test("gives its files", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ "a/b.yaml": "x: 1\n", "run.sh": "#!" });
    const opened = await world.cache.open(artifact, signal);
    assert(opened.kind === "opened");
    await using _ = opened;
    const { files, directories, read } = opened.contents;
    assert.equal((await read("a/b.yaml")).toString(), "x: 1\n");
    assert.equal((await read("run.sh")).toString(), "#!");
    assert.deepEqual([...directories], ["a"]);
    assert.deepEqual(
      [...files].map(([path, { size, digest }]) => [path, size, digest]),
      [
        ["a/b.yaml", 5, createHash("sha256").update("x: 1\n").digest("hex")],
        ["run.sh", 2, createHash("sha256").update("#!").digest("hex")],
      ],
    );
  });

  test("gives files whatever their names", async () => {
    await using world = await startWorld();
    const names = ["a b", "a\\..\\b", "a..b/...", "a\nb", "a\u007fb", "\u00e9\u65e5\u{1f600}".repeat(20), " ", "~/-"];
    const artifact = await world.publish(Object.fromEntries(names.map((name) => [name, name])));
    const opened = await world.cache.open(artifact, signal);
    assert(opened.kind === "opened");
    await using _ = opened;
    assert.deepEqual([...opened.contents.files.keys()].toSorted(), names.toSorted());
    for (const name of names) assert.equal((await opened.contents.read(name)).toString(), name);
  });

  test("fetches it once, however many ask, then and later", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const all = await Promise.all(Array.from({ length: 20 }, () => world.cache.open(artifact, signal)));
    const contents = all.map((opened) => (opened.kind === "opened" ? opened.contents : undefined));
    for (const opened of all) if (opened.kind === "opened") await opened[Symbol.asyncDispose]();
    await rm(join(world.storage, artifact.path));
    const again = await world.cache.open(artifact, signal);
    assert(again.kind === "opened");
    assert.equal(new Set([...contents, again.contents]).size, 1);
  });

  test("does not give its files to one who knows its digest alone", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const opened = await world.cache.open(artifact, signal);
    await assertFault(
      world.cache.open({ ...artifact, url: "http://127.0.0.1:1/forged" }, signal),
      /cannot fetch the artifact/,
    );
    assert(opened.kind === "opened");
    await opened[Symbol.asyncDispose]();
  });

  test("that the proxy of the environment does not serve says how to reach its source without", async () => {
    await using http = createHttp({ proxies: () => "http://user:hidden@127.0.0.1:1" });
    await using world = await startWorld({ http });
    const artifact = await world.publish({ a: "1" });
    await assert.rejects(world.cache.open(artifact, signal), {
      message:
        `cannot fetch the artifact: ${artifact.url}: the proxy 127.0.0.1:1 refused the connection; ` +
        "if it is reached without a proxy, add its host to NO_PROXY",
    });
  });

  test("does not tell the digest of what a URL leads to", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const forged = { ...artifact, digest: `sha256:${"0".repeat(64)}` };
    await assert.rejects(world.cache.open(forged, signal), ({ message }: Error) => {
      assert.ok(message.includes(forged.digest) && !message.includes(artifact.digest.slice(7)), message);
      return true;
    });
  });

  test("that is not there is answered by that", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    await rm(join(world.storage, artifact.path));
    assert.deepEqual(await world.cache.open(artifact, signal), { kind: "missing" });
  });

  const here = "{here}";
  const hostRows: Array<[about: string, host: string, hosts: Array<[string, string | undefined]>]> = [
    [
      "is named",
      "source-watcher.flux-system.svc.cluster.local.",
      [
        ["*", "127.0.0.1:1"],
        ["source-watcher", here],
      ],
    ],
    [
      "is not named",
      "source-controller.flux-system.svc.cluster.local.:80",
      [
        ["*", here],
        ["source-watcher", "127.0.0.1:1"],
      ],
    ],
    [
      "is named without a replacement",
      "localhost",
      [
        ["*", "127.0.0.1:1"],
        ["localhost", undefined],
      ],
    ],
  ];
  for (const [about, host, hosts] of hostRows) {
    test(`goes to the right address if the advertised host ${about}`, async () => {
      await using world = await startWorld();
      const artifact = await world.publish({ a: "1" });
      const address = new URL(artifact.url).host;
      const replaced = new Map(hosts.map(([name, value]) => [name, value === here ? address : value]));
      await using cache = await world.newCache({ hosts: replaced });
      const advertised = host === "localhost" ? address.replace(/^[^:]+/, host) : host;
      const url = artifact.url.replace(/\/\/[^/]+/, `//${advertised}`);
      assert.equal((await cache.open({ ...artifact, url }, signal)).kind, "opened");
    });
  }

  test("that was corrupted on the way fails, and leaves nothing", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const path = join(world.storage, artifact.path);
    const bytes = await readFile(path);
    bytes[12] = (bytes[12] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await assertFault(world.cache.open(artifact, signal), /computed digest doesn't match/);
    assert.deepEqual(await world.cached(), []);
  });

  test("that is larger than allowed fails", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    await using cache = await world.newCache({ maxArchiveBytes: 20 });
    await assertFault(cache.open(artifact, signal), /sent more than 20 bytes/);
  });

  test("may take longer than the limit, as long as it comes", async () => {
    await using world = await startWorld({ timeoutMs: 300, retryDelaysMs: [] });
    const artifact = await world.publish({ a: "1" });
    const bytes = await readFile(join(world.storage, artifact.path));
    await using slow = await listening((_, response) => {
      let sent = 0;
      const step = Math.ceil(bytes.length / 10);
      const send = () => response.write(bytes.subarray(sent, (sent += step)));
      const timer = setInterval(() => (sent < bytes.length ? send() : response.end()), 50);
      response.once("close", () => clearInterval(timer));
    });
    assert.equal((await world.cache.open({ ...artifact, url: slow.url }, signal)).kind, "opened");
  });

  test("is tried again where the server is not up yet", async () => {
    let rejections = 2;
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const bytes = await readFile(join(world.storage, artifact.path));
    await using flaky = await listening((_, response) =>
      rejections-- > 0 ? response.writeHead(503).end() : response.end(bytes),
    );
    assert.equal((await world.cache.open({ ...artifact, url: flaky.url }, signal)).kind, "opened");
  });

  test("fails where the server stays down", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    await assertFault(
      world.cache.open({ ...artifact, url: "http://127.0.0.1:1/x" }, signal),
      /cannot fetch the artifact/,
    );
  });

  test("with a digest that cannot be computed fails", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    for (const digest of ["blake3:abc", "sha256:abc", "garbage"]) {
      await assertFault(world.cache.open({ ...artifact, digest }, signal), /digest/);
    }
  });
});

suite("the archive of an artifact", () => {
  test("is the file as it was published", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const published = await readFile(join(world.storage, artifact.path));
    const archive = await world.cache.archive(artifact, signal);
    assert(archive.kind === "opened");
    await using _ = archive;
    assert.deepEqual(await readFile(archive.path), published);
  });

  test("need not be a tar.gz", async () => {
    await using world = await startWorld();
    const archive = await world.cache.archive(await world.serve(Buffer.from("plain text")), signal);
    assert(archive.kind === "opened");
    await using _ = archive;
    assert.equal(await readFile(archive.path, "utf8"), "plain text");
  });

  test("is fetched once, and removed with the last lease after its release", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const one = await world.cache.archive(artifact, signal);
    await rm(join(world.storage, artifact.path));
    const two = await world.cache.archive(artifact, signal);
    assert(one.kind === "opened" && two.kind === "opened");
    assert.equal(one.path, two.path);
    await world.cache.release(artifact);
    await one[Symbol.asyncDispose]();
    assert.deepEqual(await world.cached(), [basename(two.path)]);
    await two[Symbol.asyncDispose]();
    assert.deepEqual(await world.cached(), []);
  });

  test("that is missing, corrupted or too large is not handed on, and leaves nothing", async () => {
    await using world = await startWorld({ maxArchiveBytes: 1000 });
    const artifact = await world.serve(Buffer.from("1"));
    await assertFault(
      world.cache.archive({ ...artifact, digest: `sha256:${"0".repeat(64)}` }, signal),
      /computed digest doesn't match/,
    );
    await assertFault(world.cache.archive(await world.serve(Buffer.alloc(1001)), signal), /sent more than 1000 bytes/);
    await rm(join(world.storage, artifact.path));
    assert.deepEqual(await world.cache.archive(artifact, signal), { kind: "missing" });
    assert.deepEqual(await world.cached(), []);
  });
});

suite("a lease", () => {
  test("keeps the files as long as it lasts, after their release too", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const [one, two] = [await world.cache.open(artifact, signal), await world.cache.open(artifact, signal)];
    assert(one.kind === "opened" && two.kind === "opened");
    await world.cache.release(artifact);
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    assert.equal((await two.contents.read("a")).toString(), "1");
    await two[Symbol.asyncDispose]();
    await assert.rejects(two.contents.read("a"));
    assert.deepEqual(await world.cached(), []);
  });

  test("gives large files whole, and those beside them", async () => {
    await using world = await startWorld();
    const large = "0123456789abcdef".repeat(200_000);
    const opened = await world.cache.open(await world.publish({ a: "1", large, z: "2" }), signal);
    assert(opened.kind === "opened");
    await using _ = opened;
    const texts = await Promise.all(
      ["a", "large", "z"].map(async (path) => (await opened.contents.read(path)).toString()),
    );
    assert.ok(texts[0] === "1" && texts[1] === large && texts[2] === "2");
    assert.equal(opened.contents.files.get("large")?.digest, createHash("sha256").update(large).digest("hex"));
  });
});

suite("space", () => {
  const mebibyte = 1024 ** 2;
  const space = { bytes: 400 * mebibyte, entries: 100_000 };
  /** Uses an artifact as a run does. */
  const use = async (world: World, artifact: Artifact) => {
    const opened = await world.cache.open(artifact, signal);
    assert(opened.kind === "opened");
    await opened[Symbol.asyncDispose]();
  };

  test("is given back when a source names another artifact", async () => {
    await using world = await startWorld();
    const [first, second] = [await world.publish({ a: "1" }), await world.publish({ a: "2" })];
    await use(world, first);
    assert.equal((await world.cached()).length, 1);
    await world.cache.release(first);
    assert.deepEqual(await world.cached(), []);
    await use(world, second);
    await world.cache.release(first);
    assert.equal((await world.cached()).length, 1);
  });

  test("of a new artifact is taken from the one unused for longest", async () => {
    await using world = await startWorld({ space: { ...space, bytes: 10_000 } });
    const artifacts = [];
    for (const each of ["1", "2", "3", "4"]) artifacts.push(await world.publish({ a: each.repeat(3000) }));
    const [first, second, third, fourth] = artifacts;
    assert(first && second && third && fourth);
    for (const each of [first, second, first, third, fourth]) await use(world, each);
    await rm(join(world.storage, second.path));
    await rm(join(world.storage, fourth.path));
    await use(world, fourth);
    assert.equal((await world.cache.open(second, signal)).kind, "missing");
    assert.equal((await world.cached()).length, 2);
  });

  test("is limited by entries too", async () => {
    await using world = await startWorld({ space: { ...space, entries: 1000 } });
    for (const each of ["1", "2", "3", "4", "5", "6"]) await use(world, await world.publish({ a: each }));
    assert.equal((await world.cached()).length, 2);
  });

  test("that is in use is not taken by large artifacts to the last, so that small ones still fit", async () => {
    await using world = await startWorld({ space: { ...space, bytes: 10_000 } });
    const held = await world.cache.open(await world.publish({ a: "1".repeat(7000) }), signal);
    await assertFault(
      world.cache.open(await world.publish({ a: "2".repeat(2000) }), signal),
      /not enough space for the artifact: artifacts in use/,
    );
    await use(world, await world.publish({ a: "3".repeat(100) }));
    assert(held.kind === "opened");
    await held[Symbol.asyncDispose]();
    await use(world, await world.publish({ a: "2".repeat(2000) }));
  });

  test("of processes that have ended is given back, and that of others is left alone", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    await use(world, artifact);
    await mkdir(join(world.cacheDirectory, "1-0-ended"));
    await using other = await world.newCache({ directory: world.cacheDirectory });
    assert.ok(!(await readdir(world.cacheDirectory)).includes("1-0-ended"));
    await rm(join(world.storage, artifact.path));
    await use(world, artifact);
    assert.equal((await other.open(artifact, signal)).kind, "missing");
  });
});

suite("cancelling", () => {
  test("ends one who waits, and not the others", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const bytes = await readFile(join(world.storage, artifact.path));
    const gate = Promise.withResolvers<void>();
    await using slow = await listening((_, response) => void gate.promise.then(() => response.end(bytes)));
    const controller = new AbortController();
    const given = world.cache.open({ ...artifact, url: slow.url }, controller.signal);
    const patient = world.cache.open({ ...artifact, url: slow.url }, signal);
    controller.abort(new Error("overtaken"));
    await assert.rejects(given, /overtaken/);
    gate.resolve();
    assert.equal((await patient).kind, "opened");
  });

  const onLinux = { skip: process.platform !== "linux" };
  test("at any moment, with the end of the cache, leaves no file open", onLinux, async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    for (let tried = 0; tried < 120; tried++) {
      const cache = await world.newCache({});
      const patience = new AbortController();
      const opening = cache.open(artifact, patience.signal);
      for (let turns = 0; turns < tried * 10; turns++) await new Promise(setImmediate);
      patience.abort();
      const [opened] = await Promise.allSettled([opening]);
      if (opened.status === "fulfilled" && opened.value.kind === "opened") await opened.value[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
    }
    const descriptors = await readdir("/proc/self/fd");
    const targets = await Promise.allSettled(descriptors.map((name) => readlink(join("/proc/self/fd", name))));
    const open = targets.flatMap((target) => (target.status === "fulfilled" ? [target.value] : []));
    assert.deepEqual(
      open.filter((path) => path.startsWith(join(world.cacheDirectory, "..", "own"))),
      [],
    );
  });

  test("of all who wait ends the download, and the next one starts again", async () => {
    await using world = await startWorld();
    const artifact = await world.publish({ a: "1" });
    const cut = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using hanging = await listening((request) => {
      request.socket.once("close", () => cut.resolve());
      asked.resolve();
    });
    const controller = new AbortController();
    const given = world.cache.open({ ...artifact, url: hanging.url }, controller.signal);
    await asked.promise;
    controller.abort(new Error("overtaken"));
    await assert.rejects(given, /overtaken/);
    await cut.promise;
    assert.equal((await world.cache.open(artifact, signal)).kind, "opened");
  });
});

suite("an archive", () => {
  type Row = Parameters<typeof archiveOf>[0][number];
  const rows: Array<[about: string, header: Row, outcome: RegExp | undefined]> = [
    ["has a file twice", { name: "./good" }, /duplicate entry "good"/],
    ["has a directory and a file of one name", { name: "good/in" }, /duplicate entry "good"/],
    ["leads out by ..", { name: "../x" }, /leads outside its root/],
    ["leads out by .. within", { name: "a/../../x" }, /leads outside its root/],
    ["has an absolute path", { name: "/etc/x" }, /leads outside its root/],
    ["is deeper than allowed", { name: `${"d/".repeat(200)}x` }, /deeper than 100/],
    ["has more directories than allowed", { name: `${"d/".repeat(90)}x` }, /too many entries/],
    ["has paths longer than allowed", { name: "n".repeat(256 * 90) }, /too many entries/],
    [
      "has a header that needs much memory",
      { name: "x", pax: { comment: "c".repeat(2 ** 21) } },
      /1 MiB without an entry/,
    ],
    ["has a symbolic link", { name: "l", type: "symlink", linkname: "/etc" }, undefined],
    ["has a hard link", { name: "l", type: "link", linkname: "/etc/passwd" }, undefined],
  ];
  for (const [about, header, outcome] of rows) {
    test(`that ${about} ${outcome ? "is rejected" : "loses it"}`, async () => {
      await using world = await startWorld({ limits: { maxBytes: 1e6, maxEntries: 80, maxDepth: 100 } });
      const artifact = await world.serve(await archiveOf([header, { name: "good" }]));
      if (outcome) {
        await assertFault(world.cache.open(artifact, signal), outcome);
        return;
      }
      const opened = await world.cache.open(artifact, signal);
      assert(opened.kind === "opened");
      assert.deepEqual([...opened.contents.files.keys()], ["good"]);
    });
  }

  test("that unpacks to more than allowed is rejected", async () => {
    await using world = await startWorld({ limits: { maxBytes: 1000, maxEntries: 10, maxDepth: 5 } });
    const artifact = await world.publish({ zeros: "0".repeat(100_000) });
    await assertFault(world.cache.open(artifact, signal), /too large when unpacked/);
  });

  test("with more entries than allowed is rejected", async () => {
    await using world = await startWorld({ limits: { maxBytes: 1000, maxEntries: 2, maxDepth: 5 } });
    await assertFault(world.cache.open(await world.publish({ a: "", b: "", c: "" }), signal), /too many entries/);
  });

  for (const [about, bytes] of [
    ["no archive", Buffer.from("plain text")],
    ["cut off", gzipSync(Buffer.alloc(5000, "x")).subarray(0, 20)],
    ["no tar", gzipSync("x".repeat(2000))],
  ] as const) {
    test(`that is ${about} is rejected though its digest is right`, async () => {
      await using world = await startWorld();
      await assertFault(world.cache.open(await world.serve(bytes), signal), /not a valid archive/);
      assert.deepEqual(await world.cached(), []);
    });
  }
});

async function listening(listener: RequestListener) {
  const server = createServer(listener);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.tar.gz`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
