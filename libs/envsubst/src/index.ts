export { expand, type Expanded, type Expansion } from "./expand.ts";
