import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Decision, decide, type Observed } from "./decide.ts";
import { kustomization } from "./fixtures/kustomization.ts";
import { artifact, originRevision, revision } from "./fixtures/world.ts";

const expressions = { readings: undefined, readiness: new Map() };
const compiled = { kind: "compiled", expressions } as const;
const found = { kind: "found", artifact } as const;
const message = "why";
const minute = 60_000;

suite("what a Kustomization does next", () => {
  const rows: Array<[given: string, observed: Partial<Observed>, spec: object, expected: Decision]> = [
    ["a source and no dependency", {}, {}, { next: "deploy", artifact, expressions }],
    [
      "a dependency that is not ready",
      { unready: message },
      {},
      {
        next: "wait",
        reason: "DependencyNotReady",
        message,
        retryAfterMs: minute,
        events: [
          {
            type: "Normal",
            reason: "DependencyNotReady",
            message: "Dependencies do not meet ready condition, retrying in 1m0s",
            metadata: { revision, originRevision },
          },
        ],
      },
    ],
    [
      "a source without an artifact",
      { source: { kind: "noArtifact", message } },
      { retryInterval: "2m" },
      { next: "wait", reason: "ArtifactFailed", message, retryAfterMs: minute },
    ],
    [
      "no source",
      { source: { kind: "missing", message } },
      { retryInterval: "2m" },
      { next: "wait", reason: "ArtifactFailed", message, retryAfterMs: 2 * minute },
    ],
    [
      "a source with an artifact that is none",
      { source: { kind: "invalid", message } },
      {},
      { next: "fail", reason: "ArtifactFailed", message },
    ],
    [
      "a source that it may not use",
      { source: { kind: "denied", message } },
      {},
      { next: "stall", reason: "AccessDenied", message },
    ],
    [
      "an expression that cannot be compiled",
      { compiled: { kind: "invalid", message }, source: { kind: "missing", message: "no source" } },
      {},
      { next: "stall", reason: "InvalidCELExpression", message },
    ],
  ];
  for (const [given, observed, spec, expected] of rows) {
    test(`${given} → ${expected.next}`, () => {
      const flags = { permitsAccounts: false, requeueDependencyMs: minute };
      const facts = { compiled, source: found, unready: undefined, ...observed };
      assert.deepEqual(decide(kustomization(spec), facts, flags), expected);
    });
  }

  for (const [permitsAccounts, next] of [
    [false, "stall"],
    [true, "deploy"],
  ] as const) {
    test(`an account for decryption, ${permitsAccounts ? "permitted" : "not permitted"} → ${next}`, () => {
      const spec = { decryption: { provider: "sops", serviceAccountName: "reader" } };
      const facts = { compiled, source: found, unready: undefined };
      const decision = decide(kustomization(spec), facts, { permitsAccounts, requeueDependencyMs: minute });
      assert.equal(decision.next, next);
    });
  }
});

test("a Kustomization whose name no label can hold is stalled, before anything is applied", () => {
  const observed: Observed = { compiled, source: found, unready: undefined };
  const flags = { permitsAccounts: false, requeueDependencyMs: minute };
  const next = (length: number) => decide(kustomization({}, {}, "a".repeat(length)), observed, flags);
  assert.equal(next(63).next, "deploy");
  assert.match(JSON.stringify(next(64)), /"stall".*the name of this Kustomization is longer than 63 characters/);
});
