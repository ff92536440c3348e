/** Says of each drift once, and the sooner the rarer it is. */
export interface DriftReports extends Disposable {
  report: (owner: string, subject: string) => void;
  /** Whether reports of the object are held back, since there are so many. */
  isHeldBack: (owner: string, subject: string) => boolean;
  forget: (owner: string) => void;
}

export interface DriftPace {
  /** Reports of one object that are not held back. */
  burst: number;
  /** The first pause; each is twice as long as the one before. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** After so long without drift, the backoff of an object is reset. */
  quietMs: number;
}

const defaultPace: DriftPace = { burst: 20, firstPauseMs: 1_000, longestPauseMs: 10 * 60_000, quietMs: 10 * 60_000 };

interface History {
  count: number;
  /** On the clock of `performance.now()`. */
  last: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Where something else corrects what we correct, correcting at once would never end: the pauses before a report
 * about one object grow.
 */
export function createDriftReports(
  tell: (owner: string, subject: string) => void,
  pace: DriftPace = defaultPace,
): DriftReports {
  const owners = new Map<string, Map<string, History>>();
  return {
    report: (owner, subject) => {
      const histories = owners.get(owner) ?? new Map<string, History>();
      owners.set(owner, histories);
      const now = performance.now();
      sweep(histories, now - pace.quietMs - pace.longestPauseMs);
      const history = histories.get(subject) ?? { count: 0, last: now, timer: undefined };
      histories.set(subject, history);
      if (history.timer !== undefined) return;
      if (now - history.last > pace.quietMs) history.count = 0;
      const pauseMs = pauseOf(history.count, pace);
      history.count += 1;
      history.last = now + pauseMs;
      if (pauseMs === 0) return tell(owner, subject);
      history.timer = setTimeout(() => {
        history.timer = undefined;
        tell(owner, subject);
      }, pauseMs);
    },
    isHeldBack: (owner, subject) => {
      const history = owners.get(owner)?.get(subject);
      return history !== undefined && history.count > pace.burst && performance.now() - history.last <= pace.quietMs;
    },
    forget: (owner) => {
      for (const { timer } of owners.get(owner)?.values() ?? []) clearTimeout(timer);
      owners.delete(owner);
    },
    [Symbol.dispose]: () => {
      for (const histories of owners.values()) for (const { timer } of histories.values()) clearTimeout(timer);
      owners.clear();
    },
  };
}

/** Pause before the next report, after `count` of them. */
export function pauseOf(count: number, { burst, firstPauseMs, longestPauseMs }: DriftPace): number {
  return count < burst ? 0 : Math.min(firstPauseMs * 2 ** (count - burst), longestPauseMs);
}

function sweep(histories: Map<string, History>, before: number): void {
  for (const [subject, { last, timer }] of histories) {
    if (timer === undefined && last < before) histories.delete(subject);
  }
}
