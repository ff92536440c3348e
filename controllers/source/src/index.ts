export { sourceController } from "./program.ts";
