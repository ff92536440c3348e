import { core, Fault, Reason } from "@leat/api";
import { ApiError, type Kube } from "@leat/kube";

/** Whether a cluster can be reached: found out once for all who want to know, and looked after in the background where it cannot. */
export interface Reachability extends Disposable {
  /**
   * Why the cluster cannot be used now; `undefined` where it can. Answers at once where that is known.
   *
   * @param freshMs how long an answer proves that the cluster is there; 30 s where it is absent
   */
  check: (freshMs?: number) => Promise<string | undefined>;
  /** The cluster has answered somebody. */
  heard: () => void;
  /** Somebody got no answer: the next check asks. */
  doubt: () => void;
  /** Aborts when the cluster is lost; another one once it is back. */
  signal: () => AbortSignal;
}

export interface ReachabilityOptions {
  /** @returns why there is no good answer; `undefined` where there is */
  ask: () => Promise<string | undefined>;
  onBack: () => void;
  firstPauseMs?: number;
  longestPauseMs?: number;
}

const defaultFreshMs = 30_000;
// A cluster that is lost again sooner than this is asked with the longer pauses of before.
const steadyMs = 60_000;

export function createReachability(options: ReachabilityOptions): Reachability {
  return new ClusterReachability(options);
}

class ClusterReachability implements Reachability {
  readonly #options: Required<ReachabilityOptions>;
  #heardAt = Number.NEGATIVE_INFINITY;
  #backAt = Number.NEGATIVE_INFINITY;
  /** Why the cluster is lost. */
  #lost: string | undefined;
  #present = new AbortController();
  #asking: Promise<string | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #pauseMs: number;
  #ended = false;

  constructor({ firstPauseMs = 1_000, longestPauseMs = 30_000, ...options }: ReachabilityOptions) {
    this.#options = { ...options, firstPauseMs, longestPauseMs };
    this.#pauseMs = firstPauseMs;
  }

  async check(freshMs = defaultFreshMs): Promise<string | undefined> {
    if (this.#lost !== undefined || performance.now() - this.#heardAt < freshMs) return this.#lost;
    const why = await this.#ask();
    if (why === undefined) this.heard();
    else this.#lose(why);
    return why;
  }

  heard(): void {
    this.#heardAt = performance.now();
    if (this.#lost !== undefined) void this.#look();
  }

  doubt(): void {
    this.#heardAt = Number.NEGATIVE_INFINITY;
  }

  signal(): AbortSignal {
    return this.#present.signal;
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #ask(): Promise<string | undefined> {
    this.#asking ??= this.#options.ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    if (performance.now() - this.#backAt > steadyMs) this.#pauseMs = this.#options.firstPauseMs;
    this.#present.abort(new Fault(Reason.APIServerUnavailable, why));
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#ended) return;
    this.#timer = setTimeout(() => void this.#look(), this.#pauseMs * (0.75 + Math.random() / 2));
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.longestPauseMs);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    clearTimeout(this.#timer);
    const why = await this.#ask();
    this.#isLooking = false;
    this.#lost = why;
    if (why !== undefined) return this.#lookLater();
    this.#heardAt = performance.now();
    this.#backAt = performance.now();
    this.#present = new AbortController();
    if (!this.#ended) this.#options.onBack();
  }
}

const limitMs = 5_000;

/** Asks for something that every cluster has. Whether one may see it does not matter. */
export async function askCluster(kube: Kube): Promise<string | undefined> {
  try {
    await kube.get({ resource: core.Namespace, name: "kube-system" }, { metadataOnly: true, timeoutMs: limitMs });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) {
      if (error.code === 401) return `API server rejects the credentials: ${error.message}`;
      return error.code >= 500 || error.code === 429 ? `API server unhealthy: ${error.message}` : undefined;
    }
    return error instanceof Error ? error.message : String(error);
  }
}
