import { type OnProgress, progressText } from "@leat/toolchain";

const repeatMs = 20_000;

/** Says what is being got or built: at each turn, and again from time to time, so that nobody takes it for hanging. */
export function reportProgress(write: (line: string) => void): OnProgress {
  let turn = "";
  let nextAt = 0;
  return (progress) => {
    const now = performance.now();
    const isNew = turn !== `${progress.name} ${progress.step}`;
    if (!isNew && now < nextAt) return;
    turn = `${progress.name} ${progress.step}`;
    nextAt = now + repeatMs;
    write(progressText(progress));
  };
}
