import assert from "node:assert/strict";
import type { ResourceDefinition } from "../src/index.ts";
import type { Served } from "./api-server.ts";

/** The server took the CRD as it is meant. */
export async function crdIsWhole(served: Served, definition: ResourceDefinition): Promise<void> {
  const { conditions } = served.crd["status"] as { conditions: { type: string; status: string; message: string }[] };
  const states = Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
  assert.equal(states["Established"], "True");
  assert.equal(states["NamesAccepted"], "True");
  assert.equal(states["NonStructuralSchema"], undefined, JSON.stringify(conditions));

  const { body } = await served.call(`/apis/${definition.apiVersion}`);
  const resources = body["resources"] as { name: string; kind: string; shortNames?: string[]; categories?: string[] }[];
  const resource = resources.find(({ name }) => name === definition.plural);
  assert.equal(resource?.kind, definition.kind);
  assert.deepEqual(resource.shortNames, definition.shortNames);
  assert.deepEqual(resource.categories, definition.categories);
  assert.ok(resources.some(({ name }) => name === `${definition.plural}/status`));
}

/** A created object has exactly this spec, and the status of an object that nobody has seen yet. */
export async function defaultsAreGiven(
  served: Served,
  { given, spec }: { given: object; spec: object },
): Promise<void> {
  const { status, message, body } = await served.create({ spec: given }, { dryRun: false });
  assert.equal(status, 201, message);
  assert.deepEqual(body["spec"], spec);
  assert.deepEqual(body["status"], { observedGeneration: -1 });
}

interface Table {
  /** A priority above 0 is that of a column which kubectl shows with `-o wide` only. */
  columnDefinitions: { name: string; priority: number }[];
  rows: { cells: unknown[] }[];
}

/** What kubectl prints without `-o wide`: the columns in their order, and Ready and Status from the Ready condition. */
export async function tableHas(
  served: Served,
  { spec, columns, cells }: { spec: object; columns: string[]; cells: Record<string, unknown> },
): Promise<void> {
  const { body: created } = await served.create({ spec }, { dryRun: false });
  const { name } = created["metadata"] as { name: string };
  const lastTransitionTime = "2026-01-02T03:04:05Z";
  const ready = { type: "Ready", status: "False", reason: "Failed", message: "no such branch", lastTransitionTime };
  await served.call(`${served.collection}/${name}/status`, {
    method: "PATCH",
    body: { status: { conditions: [ready] } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  const { body } = await served.call(`${served.collection}/${name}`, {
    headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
  });
  const { columnDefinitions, rows } = body as unknown as Table;
  const shown = columnDefinitions.flatMap(({ name: header, priority }, index): [string, unknown][] =>
    priority === 0 ? [[header, rows[0]?.cells[index]]] : [],
  );
  assert.deepEqual(
    shown.map(([header]) => header),
    columns,
  );
  const row = Object.fromEntries(shown);
  assert.match(String(row["Age"]), /^\d+s$/);
  assert.deepEqual({ ...row, Age: "" }, { Name: name, Age: "", Ready: "False", Status: "no such branch", ...cells });
}
