import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { type Files, openWorkbench, type Workbench } from "../test/fixture.ts";
import type { Build, Decryption } from "./index.ts";

let bench: Workbench;
before(async () => {
  bench = await openWorkbench();
});
after(() => bench[Symbol.asyncDispose]());

const encrypted = (text: string) => `ENCRYPTED ${Buffer.from(text).toString("base64")}`;

/** Opens what `encrypted` has made, and tells what it was asked to open. */
function decryption(asked: string[] = [], key = "key"): Decryption {
  return {
    key,
    file: async ({ path, content, readAs }) => {
      asked.push(`${path} ${readAs.kind}${readAs.kind === "file" ? ` ${readAs.name}` : ""}`);
      const text = content.toString();
      if (text === "BROKEN") return { kind: "rejected", message: `${path} is broken` };
      if (!text.startsWith("ENCRYPTED ")) return { kind: "plain" };
      const opened = Buffer.from(text.slice("ENCRYPTED ".length), "base64");
      return { kind: "decrypted", content: opened, secrets: ["hidden-value"] };
    },
    object: (object) => {
      const { data } = object as { data?: { value?: string } };
      if (data?.value !== "ENCRYPTED") return undefined;
      const content = { ...object, data: { value: "opened" } } as KubeObject;
      return Promise.resolve({ kind: "decrypted", content, secrets: [] });
    },
  };
}

function build(files: Files, by: Decryption = decryption(), path = ""): Promise<Build> {
  const request = { files: bench.repository(files), path, overlay: {}, decryption: by };
  return bench.builder.build(request, AbortSignal.timeout(60_000));
}

async function objectsOf(...[files, by]: Parameters<typeof build>): Promise<Array<Record<string, unknown>>> {
  const built = await build(files, by);
  assert(built.kind === "built", JSON.stringify(built));
  return built.objects.map(({ object }) => ({ ...object }));
}

const secret = (name: string, data: object) =>
  JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name }, data });
const inBase64 = (text: string) => Buffer.from(text).toString("base64");

suite("files that may be encrypted are read by the decryption", () => {
  test("what is built into Secrets and other objects, and nothing else", async () => {
    const asked: string[] = [];
    const files = {
      "kustomization.yaml": `resources: [a.yaml, base]
patches: [{path: patch.yaml}]
patchesStrategicMerge: [merge.yaml]
secretGenerator: [{name: s, files: [one.txt, two.txt=deep/two], envs: [lines], env: more.env}]
configMapGenerator: [{name: c, files: [plain.txt], envs: [plain.env]}]
generators: [generator.yaml]
generatorOptions: {disableNameSuffixHash: true}
`,
      "a.yaml": encrypted(secret("a", { value: inBase64("opened") })),
      "base/kustomization.yaml": "resources: [b.yaml]\n",
      "base/b.yaml": secret("b", {}),
      "patch.yaml": encrypted(secret("a", { patched: inBase64("yes") })),
      "merge.yaml": encrypted(secret("b", { merged: inBase64("yes") })),
      "one.txt": encrypted("one"),
      "deep/two": encrypted("two"),
      lines: encrypted("LINE=1\n"),
      "more.env": "MORE=1\n",
      "plain.txt": encrypted("never opened"),
      "plain.env": "A=1\n",
      "generator.yaml": "{apiVersion: builtin, kind: SecretGenerator, metadata: {name: g}, files: [g.txt]}",
      "g.txt": encrypted("generated"),
    };
    const objects = await objectsOf(files, decryption(asked));
    const data = Object.fromEntries(
      objects.map(({ metadata, data: values }) => [(metadata as { name: string }).name.replace(/-.*/, ""), values]),
    );
    assert.deepEqual(data, {
      a: { value: inBase64("opened"), patched: inBase64("yes") },
      b: { merged: inBase64("yes") },
      s: { "one.txt": inBase64("one"), "two.txt": inBase64("two"), LINE: inBase64("1"), MORE: inBase64("1") },
      c: { "plain.txt": files["plain.txt"], A: "1" },
      g: { "g.txt": inBase64("generated") },
    });
    assert.deepEqual(asked.toSorted(), [
      "a.yaml objects",
      "base/b.yaml objects",
      "deep/two file two.txt",
      "g.txt file g.txt",
      "lines env",
      "merge.yaml objects",
      "more.env env",
      "one.txt file one.txt",
      "patch.yaml objects",
    ]);
  });

  test("but not without one", async () => {
    const built = await bench.build({ "a.yaml": encrypted(secret("a", {})) });
    assert.equal(built.kind, "rejected");
  });

  test("and what a ConfigMap would hold in the open is rejected", async () => {
    const generator = "[{name: x, files: [a.txt]}]";
    const files = {
      "kustomization.yaml": `configMapGenerator: ${generator}\nsecretGenerator: ${generator}\n`,
      "a.txt": encrypted("hidden"),
    };
    const built = await build(files);
    assert(built.kind === "rejected");
    assert.match(built.message, /^a\.txt is encrypted, but also used by an entry .* configMapGenerator/);
    assert.equal((await build({ ...files, "a.txt": "plain" })).kind, "built");
  });

  test("and what it rejects is the answer", async () => {
    assert.deepEqual(await build({ "a.yaml": "BROKEN" }), { kind: "rejected", message: "a.yaml is broken" });
  });
});

test("values in built objects are read by the decryption", async () => {
  const [object] = await objectsOf({ "a.yaml": secret("a", { value: "ENCRYPTED" }) });
  assert.deepEqual(object?.["data"], { value: "opened" });
});

test("what was built with one set of keys is not given for another", async () => {
  const files = bench.repository({ "a.yaml": encrypted(secret("a", {})) });
  const asked: string[] = [];
  for (const key of ["one", "one", "other"]) {
    const request = { files, path: "", overlay: {}, decryption: decryption(asked, key) };
    assert.equal((await bench.builder.build(request, AbortSignal.timeout(60_000))).kind, "built");
  }
  assert.equal(asked.length, 2);
});

suite("a message tells nothing that was decrypted", () => {
  const rows: Array<[what: string, files: Files]> = [
    ["of an object without a name", { "a.yaml": encrypted("apiVersion: v1\nkind: hidden-value\n") }],
    ["of what is not valid YAML", { "a.yaml": encrypted("hidden-value: [") }],
    [
      "of a patch that is none",
      {
        "kustomization.yaml": "resources: [b.yaml]\npatches: [{path: a.yaml, target: {kind: Secret}}]\n",
        "b.yaml": secret("b", {}),
        "a.yaml": encrypted("hidden-value"),
      },
    ],
  ];
  for (const [what, files] of rows) {
    test(what, async () => {
      const built = await build(files);
      assert(built.kind === "rejected");
      assert.doesNotMatch(built.message, /hidden-value/);
    });
  }
});
