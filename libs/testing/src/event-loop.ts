import { availableParallelism, loadavg } from "node:os";
import { setImmediate } from "node:timers/promises";

export interface EventLoopMonitor extends Disposable {
  /** The longest time for which the event loop was blocked. */
  worstMs: () => number;
}

/**
 * Measures for how long the event loop is blocked, in CPU time of its thread: a busy machine, which makes every program
 * wait, does not count.
 */
export function monitorEventLoop(): EventLoopMonitor {
  let before = threadMs();
  let worst = 0;
  const look = () => {
    const now = threadMs();
    worst = Math.max(worst, now - before);
    before = now;
  };
  const timer = setInterval(look, 1);
  return {
    worstMs: () => {
      look();
      return worst;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const tries = 3;

/**
 * Milliseconds of CPU time for which some work may block the event loop: 100, and twice as much where programs compete for the
 * processors, which makes CPU time longer.
 */
export function turnLimitMs(): number {
  return (loadavg()[0] ?? 0) > availableParallelism() ? 200 : 100;
}

/**
 * The longest time for which some work blocks the event loop, in CPU time: of three tries the best, because what else the
 * machine does, and what is compiled meanwhile, only adds to it.
 *
 * @param enough less than this is not tried again
 */
export async function longestTurnMs(work: () => Promise<unknown>, enough = turnLimitMs()): Promise<number> {
  let best = Infinity;
  for (let count = 0; count < tries && best >= enough; count += 1) {
    await setImmediate();
    using monitor = monitorEventLoop();
    await work();
    best = Math.min(best, monitor.worstMs());
  }
  return best;
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
