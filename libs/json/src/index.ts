/**
 * JSON that loses nothing between a file and an API server.
 *
 * - `parseJson`, `exactInteger`: integers of 64 bits keep their digits, as bigints where they need to; JSON.stringify writes them.
 * - `jsonForYaml`: JSON for readers of YAML.
 */
export { exactInteger, parseJson } from "./json.ts";
export { longIntegersIn } from "./long-integer.ts";
export { jsonForYaml } from "./json-for-yaml.ts";
