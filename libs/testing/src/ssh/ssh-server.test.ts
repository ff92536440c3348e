import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Finished, run } from "@leat/process";
import { gitEnvironment } from "../git/git-environment.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { createSshKey, type SshKey } from "./ssh-key.ts";
import { startSshServer } from "./ssh-server.ts";
import { withoutSshd } from "./sshd.ts";

const withSshd = { skip: await withoutSshd() };

interface Login {
  key: SshKey;
  knownHosts: string;
  /** Further options of ssh. */
  options?: string[];
  env?: Record<string, string>;
}

/** git over OpenSSH's client, which trusts the given host keys alone. */
async function git(args: string[], { key, knownHosts, options = [], env = {} }: Login): Promise<Finished> {
  await using place = await openPrivateDirectory();
  const file = (name: string) => join(place.path, name);
  await writeFile(file("key"), key.privateKey, { mode: 0o600 });
  await writeFile(file("known_hosts"), knownHosts);
  const ssh = [
    "ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes",
    `-i ${file("key")} -o UserKnownHostsFile=${file("known_hosts")} -o GlobalKnownHostsFile=/dev/null`,
    ...options.map((option) => `-o ${option}`),
  ].join(" ");
  return await run("git", args, { env: { ...gitEnvironment(), GIT_SSH_COMMAND: ssh, ...env }, timeoutMs: 30_000 });
}

suite("SSH server", () => {
  test("serves a clone over protocol version 2, and takes a push", withSshd, async () => {
    const key = await createSshKey();
    await using server = await startSshServer({ authorizedKeys: [key.publicKey] });
    await using place = await openPrivateDirectory();
    const { url, commit, resolve } = await server.createRepository("app");
    const id = await commit({ "a.yaml": "a: 1\n" });
    const login = { key, knownHosts: server.knownHosts };
    const clone = join(place.path, "clone");
    const cloned = await git(["clone", "--quiet", url, clone], { ...login, env: { GIT_TRACE_PACKET: "1" } });
    assert.equal(cloned.exitCode, 0, cloned.stderr);
    assert.match(cloned.stderr, /clone< version 2$/m);
    assert.equal(await readFile(join(clone, "a.yaml"), "utf8"), "a: 1\n");
    const pushed = await git(["-C", clone, "push", "--quiet", "origin", `${id}:refs/heads/pushed`], login);
    assert.deepEqual([pushed.exitCode, pushed.stderr], [0, ""]);
    assert.equal(await resolve("pushed"), id);
    const filtered = ["clone", "--quiet", "--bare", "--filter=blob:none", url, join(place.path, "filtered")];
    assert.equal((await git(filtered, login)).stderr, "");
  });

  test("rejects a key that is not authorized, until it is", withSshd, async () => {
    const key = await createSshKey();
    await using server = await startSshServer({ authorizedKeys: [(await createSshKey()).publicKey] });
    const { url, commit } = await server.createRepository("app");
    await commit({ a: "1" });
    const login = { key, knownHosts: server.knownHosts };
    const rejected = await git(["ls-remote", url], login);
    assert.equal(rejected.exitCode, 128);
    assert.match(rejected.stderr, /Permission denied \(publickey\)/);
    await server.authorize([key.publicKey]);
    assert.equal((await git(["ls-remote", url], login)).exitCode, 0);
    assert.match(await server.log(), /Accepted publickey for .* ED25519/);
  });

  test("is not trusted with another host key", withSshd, async () => {
    const key = await createSshKey();
    await using server = await startSshServer({ authorizedKeys: [key.publicKey] });
    await using other = await startSshServer();
    const { url } = await server.createRepository("app");
    const [address = ""] = server.knownHosts.split(" ");
    const wrong = other.knownHosts.replace(/^\S+/, address);
    const mismatch = await git(["ls-remote", url], { key, knownHosts: wrong });
    assert.match(mismatch.stderr, /HOST IDENTIFICATION HAS CHANGED[^]*Host key verification failed/);
    const unknown = await git(["ls-remote", url], { key, knownHosts: "" });
    assert.match(unknown.stderr, /No \S+ host key is known[^]*Host key verification failed/);
  });

  test("has host keys of each type, and takes keys of each type", withSshd, async () => {
    const keys = await Promise.all([
      createSshKey({ type: "ecdsa", bits: 384 }),
      createSshKey({ type: "rsa", bits: 3072 }),
      createSshKey(),
    ]);
    await using server = await startSshServer({ hostKeys: keys, authorizedKeys: keys.map((key) => key.publicKey) });
    const { url } = await server.createRepository("app");
    const lines = server.knownHosts.trim().split("\n");
    for (const [index, key] of keys.entries()) {
      const listed = await git(["ls-remote", url], { key, knownHosts: `${lines[index]}\n` });
      assert.deepEqual([listed.exitCode, listed.stderr], [0, ""], key.publicKey);
    }
  });

  test("speaks only the algorithms of its settings", withSshd, async () => {
    const key = await createSshKey();
    const settings = { KexAlgorithms: "diffie-hellman-group16-sha512" };
    await using server = await startSshServer({ authorizedKeys: [key.publicKey], settings });
    const { url } = await server.createRepository("app");
    const login = { key, knownHosts: server.knownHosts };
    assert.equal((await git(["ls-remote", url], login)).exitCode, 0);
    const rejected = await git(["ls-remote", url], { ...login, options: ["KexAlgorithms=curve25519-sha256"] });
    assert.match(rejected.stderr, /no matching key exchange method found/);
  });

  test("runs nothing but git", withSshd, async () => {
    const key = await createSshKey();
    await using server = await startSshServer({ authorizedKeys: [key.publicKey] });
    await using place = await openPrivateDirectory();
    const keyFile = join(place.path, "key");
    await writeFile(keyFile, key.privateKey, { mode: 0o600 });
    const { host, port, username } = new URL(server.url);
    assert.equal(host, `127.0.0.1:${port}`);
    const options = ["-F/dev/null", "-oBatchMode=yes", "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null"];
    const args = [...options, `-i${keyFile}`, `-p${port}`, `${username}@127.0.0.1`, "touch", join(place.path, "made")];
    const { exitCode, stderr } = await run("ssh", args, { env: gitEnvironment(), timeoutMs: 30_000 });
    assert.equal(exitCode, 128);
    assert.match(stderr, /unrecognized command/);
  });

  test("a private key with a passphrase opens only with it", async () => {
    const { privateKey } = await createSshKey({ type: "ecdsa", passphrase: "pass phrase" });
    await using place = await openPrivateDirectory();
    const file = join(place.path, "key");
    await writeFile(file, privateKey, { mode: 0o600 });
    const publicKeyWith = (passphrase: string) =>
      run("ssh-keygen", ["-y", "-P", passphrase, "-f", file], { env: gitEnvironment(), timeoutMs: 30_000 });
    assert.notEqual((await publicKeyWith("wrong")).exitCode, 0);
    assert.equal((await publicKeyWith("pass phrase")).exitCode, 0);
  });
});
