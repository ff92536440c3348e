export { binary, type BinaryOptions } from "./binary.ts";
export type { BinaryName } from "./parts.ts";
