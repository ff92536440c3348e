import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { followEvents } from "./event-file.ts";
import { type EventReceiver, startEventReceiver } from "./event-receiver.ts";
import { openPrivateDirectory } from "./server/private-directory.ts";

function post({ url }: EventReceiver, message: string): Promise<Response> {
  const involvedObject = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "one" };
  return fetch(url, { method: "POST", body: JSON.stringify({ involvedObject, message }), headers: { "x-test": "1" } });
}

suite("event receiver", () => {
  test("keeps what is posted, and waits for what is yet to come", async () => {
    await using receiver = await startEventReceiver();
    const coming = receiver.waitFor(({ message }) => message === "second", { what: "the second" });
    assert.equal((await post(receiver, "first")).status, 202);
    await post(receiver, "second");
    assert.equal((await coming).message, "second");
    assert.deepEqual(
      receiver.events.map(({ event, headers, path }) => [event.message, headers["x-test"], path]),
      [
        ["first", "1", "/"],
        ["second", "1", "/"],
      ],
    );
    await assert.rejects(
      receiver.waitFor(() => false, { what: "a third", timeoutMs: 20 }),
      /for a third/,
    );
  });

  test("keeps it in a file too, whose followers have what came after they began", async () => {
    await using directory = await openPrivateDirectory();
    const file = join(directory.path, "events");
    await using receiver = await startEventReceiver({ file });
    const all = followEvents(file);
    await post(receiver, "first");
    const later = followEvents(file);
    assert.deepEqual(all.events, receiver.events);
    const coming = later.waitFor(({ message }) => message === "second", { what: "the second" });
    await post(receiver, "second");
    assert.equal((await coming).message, "second");
    assert.deepEqual(all.events, receiver.events);
    assert.equal(later.events.length, 1);
  });

  test("rejects with a status, and keeps nothing then", async () => {
    await using receiver = await startEventReceiver();
    receiver.setFaults({ status: 429, retryAfterSeconds: 1 });
    const response = await post(receiver, "too much");
    assert.deepEqual([response.status, response.headers.get("retry-after")], [429, "1"]);
    receiver.setFaults({});
    await post(receiver, "fine");
    assert.deepEqual([receiver.events.map(({ event }) => event.message), receiver.requestCount()], [["fine"], 2]);
  });

  test("is down between stop and start", async () => {
    await using receiver = await startEventReceiver();
    await receiver.stop();
    await assert.rejects(post(receiver, "lost"), TypeError);
    await receiver.start();
    assert.equal((await post(receiver, "there")).status, 202);
  });

  test("answers 400 to an invalid event", async () => {
    await using receiver = await startEventReceiver();
    assert.equal((await fetch(receiver.url, { method: "POST", body: "{" })).status, 400);
  });
});
