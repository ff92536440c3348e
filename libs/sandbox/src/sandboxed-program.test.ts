import assert from "node:assert/strict";
import { once } from "node:events";
import { access, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { openProbe, type Probe } from "../test/probe.ts";

suite("the kernel denies a sandboxed program", { skip: process.platform !== "linux" }, () => {
  const denied = async (probe: Probe, command: { do: string; with: string }) => {
    const answer = await probe.tell(command, { content: [Buffer.from("x")] });
    assert.ok(answer.kind === "error");
    assert.match(answer.message, /operation not permitted/);
  };

  test("to read a file", async () => {
    await using probe = openProbe();
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-sandbox-"));
    const file = join(directory.path, "file");
    await writeFile(file, "readable", { mode: 0o666 });
    await denied(probe, { do: "open", with: file });
    await denied(probe, { do: "open", with: "/proc/self/environ" });
  });

  test("to write a file", async () => {
    await using probe = openProbe();
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-sandbox-"));
    const file = join(directory.path, "file");
    await denied(probe, { do: "create", with: file });
    await assert.rejects(access(file), /ENOENT/);
  });

  test("to connect to an address", async () => {
    await using probe = openProbe();
    await using server = await listen();
    await denied(probe, { do: "connect", with: server.address });
    assert.equal(server.connections(), 0);
  });

  test("to run a program", async () => {
    await using probe = openProbe();
    await denied(probe, { do: "run", with: "/bin/true" });
  });

  test("to undo it", async () => {
    await using probe = openProbe();
    const status = await readFile(`/proc/${await probe.pid()}/status`, "utf8");
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Seccomp:\s+2$/m);
  });
});

test("a sandboxed program has nothing of the environment", { skip: process.platform !== "linux" }, async () => {
  await using probe = openProbe();
  assert.equal(await readFile(`/proc/${await probe.pid()}/environ`, "utf8"), "");
});

async function listen() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
