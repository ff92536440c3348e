import type { BinaryName } from "./parts.ts";

/** What is being done for a binary that the machine does not have yet. */
export type Progress = { name: BinaryName } & (
  | { step: "download"; receivedBytes: number; totalBytes: number | undefined }
  | { step: "build"; compiledPackages: number; elapsedMs: number }
  | { step: "wait"; pid: number }
);

export type OnProgress = (progress: Progress) => void;

const barWidth = 20;
const mebibyte = 1024 * 1024;

/** One line for a terminal. */
export function progressText(progress: Progress): string {
  switch (progress.step) {
    case "download":
      return `downloading ${progress.name} ${bar(progress.receivedBytes, progress.totalBytes)}`;
    case "build":
      return `building ${progress.name} from source: ${progress.compiledPackages} packages compiled in ${seconds(progress.elapsedMs)}`;
    case "wait":
      return `waiting for process ${progress.pid}, which is getting a binary too, before ${progress.name}`;
  }
}

function seconds(elapsedMs: number): string {
  return `${Math.round(elapsedMs / 1000)} s`;
}

function bar(received: number, total: number | undefined): string {
  const amount = `${(received / mebibyte).toFixed(1)}${total === undefined ? "" : ` of ${(total / mebibyte).toFixed(1)}`} MiB`;
  if (total === undefined || total === 0) return amount;
  const filled = Math.min(barWidth, Math.floor((received / total) * barWidth));
  return `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ${amount}`;
}
