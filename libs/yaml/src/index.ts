export { parseYaml, parseYamlDocuments, type ReadOptions, stringifyManifest, stringifyYaml } from "./yaml.ts";
