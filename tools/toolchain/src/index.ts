export { binaries, binary, type BinaryOptions } from "./binary.ts";
export { type BinaryName, binaryNames } from "./parts.ts";
export { type OnProgress, type Progress, progressText } from "./progress.ts";
export { reportProgress } from "./report-progress.ts";
