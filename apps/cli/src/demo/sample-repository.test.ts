import assert from "node:assert/strict";
import { dirname, posix } from "node:path";
import { suite, test } from "node:test";
import { parseYaml } from "@leat/yaml";
import {
  deploymentPath,
  environments,
  firstState,
  namespaceOf,
  overlayPath,
  sampleFiles,
} from "./sample-repository.ts";

const files = sampleFiles({ ...firstState, credentials: "kind: Secret\n" });

test("every file is named by a kustomization, and every name has its file", () => {
  const manifests = Object.keys(files).filter((path) => path.endsWith(".yaml") && !path.endsWith("kustomization.yaml"));
  const named = Object.entries(files)
    .filter(([path]) => path.endsWith("kustomization.yaml"))
    .flatMap(([path, text]) => resourcesOf(text, path).map((resource) => posix.join(dirname(path), resource)))
    .filter((path) => path.endsWith(".yaml"));
  assert.deepEqual([...new Set(named)].toSorted(), manifests.toSorted());
});

suite("an environment", () => {
  for (const name of environments) {
    test(`${name} puts everything into its own namespace`, () => {
      const overlay = parseYaml(files[overlayPath(name)] ?? "", name);
      const credentials = name === "production" ? ["credentials.yaml"] : [];
      assert.partialDeepStrictEqual(overlay, {
        namespace: namespaceOf(name),
        resources: ["namespace.yaml", "../base", ...credentials],
      });
    });
  }
});

test("what the story changes is in the files", () => {
  const changed = sampleFiles({ version: "9.9.9", revisionHistoryLimit: "few" });
  assert.match(changed["shop/base/kustomization.yaml"] ?? "", /newTag: 9\.9\.9/);
  assert.match(changed[deploymentPath] ?? "", /revisionHistoryLimit: few/);
});

function resourcesOf(text: string, path: string): string[] {
  return (parseYaml(text, path) as { resources: string[] }).resources;
}
