import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { sharedControlPlane } from "@leat/testing";
import { checksStatus, type Rejected, rejectsSpecs } from "../../test/validation.ts";
import { crdIsWhole, defaultsAreGiven, tableHas } from "../../test/kind.ts";
import { type Served, serve } from "../../test/api-server.ts";
import { GitRepository } from "./git-repository.ts";

const good = { url: "https://example.com/app.git", interval: "1m" };
const digest = `sha256:${"a".repeat(64)}`;
const lastUpdateTime = "2026-01-02T03:04:05Z";
const artifact = { path: "a/b.tar.gz", url: "http://x/a/b.tar.gz", revision: "main@sha1:1", digest, lastUpdateTime };
const condition = {
  type: "Ready",
  status: "True",
  reason: "Succeeded",
  message: "",
  lastTransitionTime: lastUpdateTime,
};

/** Every field, at the edge of what is allowed. */
const everything = {
  ...good,
  url: "ssh://git@example.com:2222/app.git",
  interval: "1h30m0.5s10ms",
  timeout: "90m1.5s",
  ref: { branch: "main", tag: "v1", semver: ">=1.0.0", name: "refs/heads/main", commit: "abc" },
  secretRef: { name: "credentials" },
  provider: "azure",
  serviceAccountName: "reader",
  proxySecretRef: { name: "proxy" },
  verify: { mode: "TagAndHEAD", secretRef: { name: "keys" } },
  ignore: "*.md\n",
  suspend: true,
  recurseSubmodules: true,
  include: [{ repository: { name: "other" }, fromPath: "a", toPath: "b" }, { repository: { name: "third" } }],
  sparseCheckout: ["apps", "infra"],
};

suite("GitRepository on a real API server", () => {
  let served: Served;
  before(async () => (served = await serve(GitRepository, await sharedControlPlane())));
  after(() => served[Symbol.dispose]());

  test("its CRD is established, structural, and has names, categories and a status subresource", () =>
    crdIsWhole(served, GitRepository));

  test("gets its defaults before any controller runs", () =>
    defaultsAreGiven(served, { given: good, spec: { ...good, timeout: "60s" } }));

  test("verifies the commit where no mode is given", () => {
    const verify = { secretRef: { name: "keys" } };
    return defaultsAreGiven(served, {
      given: { ...good, verify },
      spec: { ...good, timeout: "60s", verify: { ...verify, mode: "HEAD" } },
    });
  });

  test("shows its columns to kubectl", () =>
    tableHas(served, { spec: good, columns: ["Name", "URL", "Age", "Ready", "Status"], cells: { URL: good.url } }));

  test("is accepted without a spec, as its controller says better what is missing", async () => {
    assert.equal((await served.create({})).status, 201);
  });

  const accepted: [what: string, spec: object][] = [
    ["every field at once", everything],
    ["the example of the reference", GitRepository.example],
    ["plain HTTP", { ...good, url: "http://" }],
    ["a proxy, submodules and no more", { ...good, proxySecretRef: { name: "p" }, recurseSubmodules: false }],
    ["an empty ref", { ...good, ref: {} }],
    ["an account at AWS", { ...good, provider: "aws", serviceAccountName: "a" }],
    ["the old spelling of a mode", { ...good, verify: { mode: "head", secretRef: { name: "keys" } } }],
    ["the provider github", { ...good, provider: "github" }],
  ];
  for (const [what, spec] of accepted) {
    test(`accepts ${what}`, async () => {
      const answer = await served.create({ spec });
      assert.equal(answer.status, 201, answer.message);
      const stored = answer.body["spec"] as Record<string, unknown>;
      assert.deepEqual(stored, { timeout: "60s", ...spec });
    });
  }

  const rejected: Rejected[] = [
    ["no url", { interval: "1m" }, /spec\.url: Required value/],
    ["no interval", { url: good.url }, /spec\.interval: Required value/],
    ["another scheme", { ...good, url: "git://example.com/app" }, /spec\.url: .*should match '\^\(http\|https\|ssh\)/],
    ["an scp-like address", { ...good, url: "git@example.com:app.git" }, /spec\.url: .*should match/],
    ["an interval without a unit", { ...good, interval: "60" }, /spec\.interval: .*should match/],
    ["an interval in days", { ...good, interval: "1d" }, /spec\.interval: .*should match/],
    ["a negative interval", { ...good, interval: "-1m" }, /spec\.interval: .*should match/],
    ["an empty interval", { ...good, interval: "" }, /spec\.interval: .*should match/],
    ["a time limit in hours", { ...good, timeout: "1h" }, /spec\.timeout: .*should match/],
    [
      "an unknown provider",
      { ...good, provider: "gcp" },
      /spec\.provider: Unsupported value.*"generic", "aws", "azure", "github"/,
    ],
    [
      "an account without a provider",
      { ...good, serviceAccountName: "a" },
      /serviceAccountName can only be set when provider/,
    ],
    [
      "an account with another provider",
      { ...good, provider: "generic", serviceAccountName: "a" },
      /serviceAccountName can only be set when provider/,
    ],
    ["a Secret without a name", { ...good, secretRef: {} }, /spec\.secretRef\.name: Required value/],
    ["a proxy without a name", { ...good, proxySecretRef: {} }, /spec\.proxySecretRef\.name: Required value/],
    ["a verification without keys", { ...good, verify: { mode: "HEAD" } }, /spec\.verify\.secretRef: Required value/],
    ["keys without a name", { ...good, verify: { secretRef: {} } }, /spec\.verify\.secretRef\.name: Required value/],
    [
      "an unknown mode",
      { ...good, verify: { mode: "tag", secretRef: { name: "k" } } },
      /spec\.verify\.mode: Unsupported value.*"TagAndHEAD"/,
    ],
    [
      "an include of nothing",
      { ...good, include: [{ toPath: "x" }] },
      /spec\.include\[0\]\.repository: Required value/,
    ],
    [
      "an include without a name",
      { ...good, include: [{ repository: {} }] },
      /spec\.include\[0\]\.repository\.name: Required/,
    ],
    ["a word for a boolean", { ...good, suspend: "yes" }, /spec\.suspend: Invalid value.*must be of type boolean/],
    [
      "a word for submodules",
      { ...good, recurseSubmodules: "yes" },
      /spec\.recurseSubmodules: .*must be of type boolean/,
    ],
    ["a list of patterns", { ...good, ignore: ["*.md"] }, /spec\.ignore: Invalid value.*must be of type string/],
    [
      "one directory outside a list",
      { ...good, sparseCheckout: "apps" },
      /spec\.sparseCheckout: .*must be of type array/,
    ],
    ["a number as a tag", { ...good, ref: { tag: 1.2 } }, /spec\.ref\.tag: Invalid value.*must be of type string/],
    ["a field that does not exist", { ...good, intervall: "1m" }, /unknown field "spec\.intervall"/],
  ];
  rejectsSpecs(() => served, rejected);

  checksStatus(() => served, {
    spec: good,
    whole: {
      observedGeneration: 1,
      conditions: [{ ...condition, observedGeneration: 1 }],
      artifact: { ...artifact, size: 2 ** 40, metadata: { origin: "x" } },
      includedArtifacts: [artifact],
      observedIgnore: "*.md",
      observedRecurseSubmodules: true,
      observedInclude: everything.include,
      observedSparseCheckout: ["apps"],
      sourceVerificationMode: "HEAD",
      lastHandledReconcileAt: "now",
    },
    rejected: [
      ...(["path", "url", "revision", "digest", "lastUpdateTime"] as const).map((field): Rejected => [
        `an artifact without ${field}`,
        { artifact: { ...artifact, [field]: undefined } },
        new RegExp(`status\\.artifact\\.${field}: Required value`),
      ]),
      [
        "a digest without algorithm",
        { artifact: { ...artifact, digest: "abc" } },
        /status\.artifact\.digest: .*should match/,
      ],
      ["an unreadable time", { artifact: { ...artifact, lastUpdateTime: "today" } }, /lastUpdateTime: .*date-time/],
      ["a size that is not an integer", { artifact: { ...artifact, size: 1.5 } }, /status\.artifact\.size: .*integer/],
      [
        "an included artifact without digest",
        { includedArtifacts: [{ ...artifact, digest: undefined }] },
        /\[0\]\.digest: Required/,
      ],
      ["an observed include of nothing", { observedInclude: [{}] }, /observedInclude\[0\]\.repository: Required/],
      ...(["type", "status", "reason", "message", "lastTransitionTime"] as const).map((field): Rejected => [
        `a condition without ${field}`,
        { conditions: [{ ...condition, [field]: undefined }] },
        new RegExp(`status\\.conditions\\[0\\]\\.${field}: Required value`),
      ]),
      [
        "a type with a space",
        { conditions: [{ ...condition, type: "Not Ready" }] },
        /conditions\[0\]\.type: .*should match/,
      ],
      [
        "a type that is too long",
        { conditions: [{ ...condition, type: "x".repeat(317) }] },
        /type: Too long: may not be more than 316/,
      ],
      [
        "a lower-case status",
        { conditions: [{ ...condition, status: "true" }] },
        /status: Unsupported value.*"True", "False", "Unknown"/,
      ],
      [
        "an empty reason",
        { conditions: [{ ...condition, reason: "" }] },
        /reason: Invalid value: "".*should be at least 1 chars/,
      ],
      [
        "a reason of two words",
        { conditions: [{ ...condition, reason: "not ready" }] },
        /conditions\[0\]\.reason: .*should match/,
      ],
      [
        "a reason that is too long",
        { conditions: [{ ...condition, reason: "x".repeat(1025) }] },
        /reason: Too long: may not be more than 1024/,
      ],
      [
        "a message that is too long",
        { conditions: [{ ...condition, message: "x".repeat(32769) }] },
        /message: Too long: may not be more than 32768/,
      ],
      [
        "a negative generation",
        { conditions: [{ ...condition, observedGeneration: -1 }] },
        /observedGeneration: .*greater than or equal to 0/,
      ],
      [
        "an unreadable transition",
        { conditions: [{ ...condition, lastTransitionTime: "now" }] },
        /lastTransitionTime: .*date-time/,
      ],
    ],
  });
});
