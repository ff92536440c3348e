import { Fault, Reason } from "@leat/api";
import type { Applier } from "@leat/apply";
import { ApiError, type Kube } from "@leat/kube";
import type { Access } from "./access.ts";
import { askCluster, createReachability, type Reachability } from "./reachability.ts";

/** Another cluster than the controller's own, connected to. */
export interface RemoteCluster extends AsyncDisposable {
  kube: Kube;
  applier: Applier;
  reachability: Pick<Reachability, "check">;
  /** @param name what holds the cluster's configuration */
  during: (name: string) => During;
}

export interface RemoteClusterOptions {
  applierFor: (kube: Kube) => Applier;
  userAgent: string;
  /** The cluster can be reached again. */
  onBack: () => void;
}

/** Does work in the cluster for as long as that is there: what is thrown when it is lost names it. */
export type During = <Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>) => Promise<Result>;

type Found = Extract<Access, { kind: "found" }>;

/**
 * Connects; asks the cluster nothing yet.
 *
 * @throws Fault or ApiError where the configuration is wrong
 */
export async function openRemoteCluster(access: Found, options: RemoteClusterOptions): Promise<RemoteCluster> {
  await using stack = new AsyncDisposableStack();
  const onRequest = ({ code }: { code: number }) => {
    if (code > 0 && code !== 401 && code !== 429 && code < 500) reachability.heard();
  };
  const kube = stack.use(await access.connect({ onRequest, userAgent: options.userAgent }));
  const ask = async () => askCluster(kube);
  const reachability = stack.use(createReachability({ ask, onBack: options.onBack }));
  const applier = stack.use(options.applierFor(kube));
  const opened = stack.move();
  return {
    kube,
    applier,
    reachability,
    during: (name) => duringOf(name, reachability),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

// Nobody may be waited for much longer: there are others who need the workers.
const longestSilenceMs = 5_000;

/** Work ends when the cluster is lost, for everyone at the same time. */
function duringOf(name: string, reachability: Reachability): During {
  return async (signal, work) => {
    const listening = setInterval(() => void reachability.check(longestSilenceMs), longestSilenceMs);
    try {
      return await work(AbortSignal.any([signal, reachability.signal()]));
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(error instanceof ApiError || error instanceof Fault)) throw error;
      reachability.doubt();
      const why = (await reachability.check()) ?? error.message;
      throw new Fault(Reason.ReconciliationFailed, unusable(name, why), { cause: error });
    } finally {
      clearInterval(listening);
    }
  };
}

export function unusable(name: string, why: string): string {
  return `cannot use the cluster of ${name}: ${why}`;
}
