import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import type { Served } from "./api-server.ts";

/** What the server must reject, and the words that say where it is wrong. */
export type Rejected = [what: string, value: object, message: RegExp];

/** Tests that the server rejects each of these specs. */
export function rejectsSpecs(served: () => Served, rows: readonly Rejected[]): void {
  for (const [what, spec, message] of rows) {
    test(`rejects ${what} and says where`, async () => {
      const answer = await served().create({ spec });
      assert.ok(answer.status === 422 || answer.status === 400, `${answer.status} ${answer.message}`);
      assert.match(answer.message, message);
    });
  }
}

interface Statuses {
  /** Of the object whose status is written. */
  spec: object;
  /** With every field. */
  whole: object;
  rejected: readonly Rejected[];
}

/** Tests what the server takes as a status. */
export function checksStatus(served: () => Served, { spec, whole, rejected }: Statuses): void {
  suite("status", () => {
    let name: string;
    before(async () => {
      const created = await served().create({ spec }, { dryRun: false });
      name = (created.body["metadata"] as { name: string }).name;
    });

    test("holds every field", async () => {
      const answer = await served().writeStatus(name, whole);
      assert.equal(answer.status, 200, answer.message);
      assert.deepEqual(answer.body["status"], whole);
    });

    for (const [what, status, message] of rejected) {
      test(`rejects ${what}`, async () => {
        const answer = await served().writeStatus(name, status);
        assert.equal(answer.status, 422, answer.message);
        assert.match(answer.message, message);
      });
    }
  });
}
