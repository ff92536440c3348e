import type { KubeObject } from "@leat/api";
import { ApiError, apiVersionOf, type Change, type Kube, type Selection, startStore, type Store } from "@leat/kube";
import type { Logger } from "@leat/log";

/** Objects of a kind that may be served only later, or never. */
export interface DeferredStore {
  /**
   * The object as it is known now; `undefined` where there is none, or no such kind. The first call starts the watch, so that
   * whatever comes after an answer is told as a change.
   */
  find: (namespace: string, name: string) => Promise<KubeObject | undefined>;
}

export interface WatchWhenServedOptions {
  kube: Kube;
  log: Logger;
  signal: AbortSignal;
  onChange?: ((change: Change<KubeObject>) => void) | undefined;
  /** Told of the watch when it starts. */
  onStart?: (store: Store) => void;
}

/** A kind that is not served is asked for again and again by its one watch; all others look into what the server says it serves. */
export function watchWhenServed(selection: Selection, options: WatchWhenServedOptions): DeferredStore {
  const { resource } = selection;
  const { kube, signal } = options;
  const isServed = async () => kube.resourceOf(apiVersionOf(resource), resource.kind, { signal });
  let watching: Watching | undefined;
  return {
    find: async (namespace, name) => {
      watching ??= start(selection, options);
      await watching.settled;
      switch (watching.state()) {
        case "listed":
          return watching.store.get(namespace, name);
        case "notServed":
          // The watch may not know yet that it is by now.
          return (await isServed()) && kube.get({ resource, namespace, name });
        case "blind":
          return kube.get({ resource, namespace, name });
      }
    },
  };
}

type State =
  | "listed"
  | "notServed"
  /** There is no telling from here: not listed yet, or not permitted to. */
  | "blind";

interface Watching {
  store: Store;
  state: () => State;
  /** Resolves when the first list is in, or the first attempt at it has failed. */
  settled: Promise<void>;
}

function start(selection: Selection, { kube, log, signal, onChange, onStart }: WatchWhenServedOptions): Watching {
  const settled = Promise.withResolvers<void>();
  const { plural } = selection.resource;
  let state: State = "blind";
  const store = startStore(kube, selection, {
    signal,
    ...(onChange && { onChange }),
    onListed: () => {
      state = "listed";
      settled.resolve();
    },
    onError: (err) => {
      const isServed = !(err instanceof ApiError && err.code === 404);
      if (isServed) log.info("watch interrupted", { resource: plural, err });
      else if (state !== "notServed") log.info("waiting for a CRD", { resource: plural });
      if (!isServed) state = "notServed";
      else if (state === "notServed") state = "blind";
      settled.resolve();
    },
  });
  signal.addEventListener("abort", () => settled.resolve(), { once: true });
  onStart?.(store);
  return { store, state: () => state, settled: settled.promise };
}
