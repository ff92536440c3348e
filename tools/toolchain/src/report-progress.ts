import { type OnProgress, progressText } from "./progress.ts";

const repeatMs = 20_000;

/** Lines for a log: one for each step, and another one from time to time during a long step. */
export function reportProgress(write: (line: string) => void): OnProgress {
  let step = "";
  let nextAt = 0;
  return (progress) => {
    const now = performance.now();
    const isNew = step !== `${progress.name} ${progress.step}`;
    if (!isNew && now < nextAt) return;
    step = `${progress.name} ${progress.step}`;
    nextAt = now + repeatMs;
    write(progressText(progress));
  };
}
