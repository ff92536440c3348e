import { jsonForYaml } from "@leat/json";
import { parseYamlDocuments } from "@leat/yaml";
import { isMap, type Fields } from "./fields.ts";
import { foldName } from "./fold-name.ts";
import { Rejection } from "./rejection.ts";

/** The names under which kustomize looks for its file in a directory. */
export const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"] as const;

/** A kustomization file with the field names as kustomize spells them. */
export type KustomizationFile = Fields;

const fieldNames = [
  "apiVersion",
  "kind",
  "metadata",
  "openapi",
  "namePrefix",
  "nameSuffix",
  "namespace",
  "commonLabels",
  "labels",
  "commonAnnotations",
  "patchesStrategicMerge",
  "patchesJson6902",
  "patches",
  "images",
  "imageTags",
  "replacements",
  "replicas",
  "vars",
  "sortOptions",
  "resources",
  "components",
  "crds",
  "bases",
  "configMapGenerator",
  "secretGenerator",
  "helmGlobals",
  "helmCharts",
  "helmChartInflationGenerator",
  "generatorOptions",
  "configurations",
  "generators",
  "transformers",
  "validators",
  "buildMetadata",
] as const;

const spelling = new Map<string, string>(fieldNames.map((name) => [foldName(name), name]));

/**
 * Reads a kustomization file. A field that is not known is rejected rather than handed on: it could name files.
 *
 * @param file path in the repository, for messages
 * @throws Rejection, and Fault `InvalidYAML`
 */
export function parseKustomization(text: string, file: string): KustomizationFile {
  // Of several documents kustomize reads the first; of a key written twice, the last.
  const [document = {}] = parseYamlDocuments(text, file, { duplicateKeys: "last" });
  if (!isMap(document)) throw new Rejection(`${file} must contain the fields of a kustomization, such as resources`);
  rejectOtherKinds(document, file);
  const kustomization: KustomizationFile = {};
  for (const [key, value] of Object.entries(document)) {
    const name = spelling.get(foldName(key));
    if (name === undefined)
      throw new Rejection(`${file}: ${key} is not a field of a kustomization; correct or remove it`);
    if (name in kustomization)
      throw new Rejection(`${file}: ${name} is defined twice, also as ${key}; keep one of them`);
    if (value !== null && value !== undefined) kustomization[name] = value;
  }
  return kustomization;
}

/** An object for the cluster whose file has one of kustomize's own names. */
function rejectOtherKinds({ apiVersion, kind }: Fields, file: string): void {
  if (typeof apiVersion !== "string" || !apiVersion.includes("/")) return;
  if (apiVersion.startsWith("kustomize.config.k8s.io/")) return;
  throw new Rejection(
    `${file} is a ${String(kind)} of ${apiVersion}, but kustomize reads its own configuration from a file of this name; rename the file`,
  );
}

/**
 * The text in which kustomize gets the file. Always our own rendering of what we read, never the user's text: so there
 * is nothing in it that kustomize could read in another way than we did.
 */
export function renderKustomization(kustomization: KustomizationFile): string {
  return jsonForYaml(kustomization);
}
