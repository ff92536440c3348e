/**
 * YAML as kubectl and kustomize read it: the scalars of YAML 1.1, with a limit on depth.
 *
 * - `parseYaml`, `parseYamlDocuments`: text to plain values; an error has file, line and column.
 * - `countValues`: an upper bound of the values of a text, for limits.
 * - `stringifyYaml`: values to text. `stringifyManifest`: in the format of Kubernetes' own tools; `…InTurns` for what tenants write.
 */
export { countValues } from "./count-values.ts";
export { stringifyManifest, stringifyManifestInTurns } from "./manifest.ts";
export { parseYaml, parseYamlDocuments, type ReadOptions, stringifyYaml, yamlDocuments } from "./yaml.ts";
