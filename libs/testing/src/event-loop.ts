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

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
