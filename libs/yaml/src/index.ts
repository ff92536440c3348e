export { parseYaml, parseYamlDocuments, type ReadOptions, stringifyYaml } from "./yaml.ts";
