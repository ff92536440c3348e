import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { core, type KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import { eventually } from "@leat/testing";
import { parseYamlDocuments } from "@leat/yaml";
import { repositoryRoot } from "./stack.ts";

const resource = core.CustomResourceDefinition;

/**
 * Applies CRDs; resolves when all of them are established.
 *
 * @param files absolute, or relative to the repository
 */
export async function installCrds(kube: Kube, files: readonly string[]): Promise<void> {
  const texts = await Promise.all(files.map((file) => readFile(resolve(repositoryRoot, file), "utf8")));
  const crds = texts.flatMap((text, index) => parseYamlDocuments(text, files[index] ?? "")) as KubeObject[];
  await Promise.all(crds.map((crd) => kube.apply(resource, crd, { fieldManager: "user", force: true })));
  await eventually(
    async () => {
      const stored = await Promise.all(crds.map(({ metadata: { name } }) => kube.get({ resource, name })));
      return stored.every(isEstablished);
    },
    { what: "CRDs to be established" },
  );
}

function isEstablished(crd: KubeObject | undefined): boolean {
  const { conditions = [] } = (crd?.["status"] ?? {}) as { conditions?: Array<{ type: string; status: string }> };
  return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
