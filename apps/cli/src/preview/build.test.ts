import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { binary } from "@leat/toolchain";
import { parseYamlDocuments } from "@leat/yaml";
import { type Ended, leat } from "../../test/leat.ts";

let programs: string[];
before(async () => {
  programs = [
    `--kustomize-binary=${await binary("kustomize")}`,
    `--kustomize-renderer=${await binary("kustomize-renderer")}`,
  ];
});

const kustomization = (spec = "") => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: team}
spec:
  interval: 10m
  prune: true
  path: ./elsewhere
  sourceRef: {kind: GitRepository, name: repo}
${spec}`;

const configMap = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: team}\ndata: {value: "${value}"}\n`;

/** `leat build kustomization app --dry-run` of these files. */
async function build(files: Record<string, string>, ...args: string[]): Promise<Ended> {
  await using directory = await mkdtempDisposable(join(tmpdir(), "leat-build-"));
  for (const [path, text] of Object.entries({ "app.yaml": kustomization(), ".git/HEAD": "", ...files })) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  const line = ["build", "kustomization", "app", "--dry-run", "-n", "team", `--path=${join(directory.path, "app")}`];
  const file = `--kustomization-file=${join(directory.path, "app.yaml")}`;
  return await leat([...line, file, ...programs, ...args], { environment: { PATH: process.env["PATH"] } });
}

function objectsIn({ code, stdout, stderr }: Ended): KubeObject[] {
  assert.equal(code, 0, stderr);
  return parseYamlDocuments(stdout, "stdout") as KubeObject[];
}

suite("leat build kustomization --dry-run", () => {
  test("prints what would be applied, in order and with its labels, without any cluster", async () => {
    const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n";
    const objects = objectsIn(await build({ "app/one.yaml": configMap("1"), "app/two.yaml": namespace }));
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      ["Namespace", "ConfigMap"],
    );
    assert.deepEqual(objects[1]?.metadata.labels, {
      "kustomize.toolkit.fluxcd.io/name": "app",
      "kustomize.toolkit.fluxcd.io/namespace": "team",
    });
  });

  test("prints one list as JSON", async () => {
    const { stdout } = await build({ "app/one.yaml": configMap("1") }, "-o", "json");
    const { kind, items } = JSON.parse(stdout) as { kind: string; items: KubeObject[] };
    assert.deepEqual([kind, items.length, items[0]?.["data"]], ["List", 1, { value: "1" }]);
  });

  test("prints integers with all digits and texts with all characters", async () => {
    const job = `apiVersion: batch/v1
kind: Job
metadata: {name: one, namespace: team, annotations: {text: "x \\u2028 y \\u0085 \\u007f z"}}
spec: {activeDeadlineSeconds: 1152921504606846977}
`;
    for (const format of ["yaml", "json"]) {
      const { stdout } = await build({ "app/one.yaml": job }, "-o", format);
      const [printed] = parseYamlDocuments(stdout, "stdout");
      const [object] = format === "json" ? (printed as { items: unknown[] }).items : [printed];
      assert.partialDeepStrictEqual(object, {
        metadata: { annotations: { text: "x \u2028 y \u0085 \u007f z" } },
        spec: { activeDeadlineSeconds: 1152921504606846977n },
      });
    }
  });

  test("keeps variables that only the cluster knows, and puts in those of the spec", async () => {
    const spec = "  postBuild: {substitute: {own: mine}, substituteFrom: [{kind: Secret, name: vars}]}\n";
    const files = { "app.yaml": kustomization(spec), "app/one.yaml": configMap("${own} ${theirs:=x}") };
    assert.deepEqual(objectsIn(await build(files))[0]?.["data"], { value: "mine ${theirs:=x}" });
    const strict = await build(files, "--strict-substitute");
    assert.equal(strict.code, 2);
    assert.match(strict.stderr, /substituteFrom, which --dry-run cannot read/);
  });

  test("fails as the controller would where a variable is not set", async () => {
    const spec = "  postBuild: {substitute: {own: mine}}\n";
    const files = { "app.yaml": kustomization(spec), "app/one.yaml": configMap("x${other}") };
    const { code, stderr } = await build(files);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Kustomization team\/app cannot be built from .*: ConfigMap\/team\/one \(file app\/one\.yaml\): variable other is not set/,
    );
    assert.deepEqual(objectsIn(await build(files, "--no-strict-substitute"))[0]?.["data"], { value: "x" });
  });

  test("hides the values of Secrets, unless they are asked for", async () => {
    const password = "correct-horse";
    const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: team}\nstringData: {password: ${password}}\n`;
    const [hidden] = objectsIn(await build({ "app/s.yaml": secret }));
    assert.deepEqual(hidden?.["data"], { password: "***" });
    const [shown] = objectsIn(await build({ "app/s.yaml": secret }, "--show-secrets"));
    assert.deepEqual(shown?.["data"], { password: Buffer.from(password).toString("base64") });
  });

  test("leaves encrypted what is encrypted, and says so", async () => {
    const spec = "  decryption: {provider: sops, secretRef: {name: keys}}\n";
    const encrypted = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: team}\nsops: {mac: 'ENC[x]'}\n";
    const ended = await build({ "app.yaml": kustomization(spec), "app/s.yaml": encrypted });
    assert.deepEqual(objectsIn(ended)[0]?.["sops"], { mac: "ENC[x]" });
    assert.match(ended.stderr, /not decrypted, because there is no cluster/);
  });

  test("builds from all of the work tree, and not from beyond it", async () => {
    const files = { "app/kustomization.yaml": "resources: [../base]\n", "base/one.yaml": configMap("1") };
    const based = { ...files, "base/kustomization.yaml": "resources: [one.yaml]\n" };
    assert.equal(objectsIn(await build(based)).length, 1);
    const beyond = await build({ "app/kustomization.yaml": "resources: [../../../etc]\n" });
    assert.equal(beyond.code, 1);
    assert.match(beyond.stderr, /leads outside the repository/);
  });

  test("needs to know the Kustomization", async () => {
    const none = await leat(["build", "ks", "app", "--dry-run", "--path", "."]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /--kustomization-file/);
    const other = await build({ "app.yaml": kustomization().replace("name: app", "name: other") });
    assert.equal(other.code, 1);
    assert.match(other.stderr, /no Kustomization app for namespace team in .*app\.yaml/);
  });
});
