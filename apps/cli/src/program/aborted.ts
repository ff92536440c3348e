/** A timer of this length is no event of its own. */
const aDayMs = 24 * 60 * 60_000;

/** Resolves when the signal aborts; keeps the process alive until then. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  const keepAlive = setInterval(() => {}, aDayMs);
  await promise;
  clearInterval(keepAlive);
}
