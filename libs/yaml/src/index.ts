export { parseYaml, parseYamlDocuments, stringifyYaml } from "./yaml.ts";
