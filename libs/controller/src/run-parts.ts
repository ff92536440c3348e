import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type GroupKind, type KubeObject, keyOfKind, type Resource, type Fault as FaultType, Fault } from "@leat/api";
import { type Change, type Kube, type Selection, startStore, type Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import { type CommonConfig, watchedNamespace } from "./common-flags.ts";
import { createControllerMetrics } from "./controller-metrics.ts";
import { type Controller, createController } from "./controller.ts";
import type { AnyController, Program, Setup } from "./definition.ts";
import type { Recorder } from "./events.ts";
import { openRunLedger, type RunLedger } from "./run-ledger.ts";
import { watchWhenServed } from "./watch-when-served.ts";

type Given = Pick<
  Setup<CommonConfig>,
  "config" | "kube" | "log" | "metrics" | "env" | "connections" | "guard" | "signal"
>;

export interface PartsOptions extends Given {
  program: Program;
  recorder: Recorder;
  onReady: () => void;
}

/** Sets a program up and runs its controllers until `signal` aborts and what runs has ended. */
export async function runParts(options: PartsOptions): Promise<void> {
  const { program, recorder: _, onReady, ...given } = options;
  const { config, kube, log, signal } = given;
  const stopped = new AbortController();
  const watches = openWatches(kube, log, stopped.signal);
  const controllers = new Map<string, Controller>();
  using ledger = openRunLedger({ directory: join(tmpdir(), "leat-runs"), log });
  const own = ownStores(config, watches, (kind, change) => controllers.get(keyOfKind(kind))?.changed(change));
  const setup: Setup<CommonConfig> = {
    ...given,
    objects: own,
    ...watches.setup,
    enqueue: (kind, key, trigger) => controllers.get(keyOfKind(kind))?.enqueue(key, trigger),
  };
  try {
    await using parts = await program.setUp(setup);
    for (const definition of parts.controllers) {
      const store = own(definition.kind);
      const controller = controllerFor(definition, { ...options, ledger }, store);
      controllers.set(keyOfKind(definition.kind), controller);
      // What was listed while there was no controller yet.
      for (const object of store.list()) controller.changed({ after: object });
    }
    await Promise.race([watches.synced(), aborted(signal)]);
    if (!signal.aborted) {
      for (const controller of controllers.values()) controller.start();
      log.info("ready", { kinds: parts.controllers.map(({ kind }) => kind.kind) });
      onReady();
      await aborted(signal);
    }
    await stopAll(controllers.values(), config.gracefulShutdownTimeout, log);
  } finally {
    stopped.abort(new Error("the controller is shutting down"));
    await watches.ended();
  }
}

function controllerFor(
  definition: AnyController,
  { kube, recorder, metrics, config, log, ledger }: PartsOptions & { ledger: RunLedger },
  store: Store,
): Controller {
  const { kind, group } = definition.kind;
  return createController({
    definition,
    kube,
    store,
    recorder,
    metrics: createControllerMetrics(metrics, kind, config.concurrent),
    config,
    ledger,
    log: log.with({ controllerKind: kind, controllerGroup: group }),
  });
}

interface Watches {
  setup: Pick<Setup<CommonConfig>, "watch" | "watchWhenServed">;
  synced: () => Promise<unknown>;
  ended: () => Promise<unknown>;
}

function openWatches(kube: Kube, log: Logger, signal: AbortSignal): Watches {
  const stores: Store[] = [];
  const late: Store[] = [];
  return {
    setup: {
      watch: (selection, onChange) => {
        const onError = (err: Error) => log.info("watch interrupted", { resource: selection.resource.plural, err });
        const store = startStore(kube, selection, { signal, onError, ...(onChange && { onChange }) });
        stores.push(store);
        return store;
      },
      watchWhenServed: (selection, onChange) =>
        watchWhenServed(selection, { kube, log, signal, onChange, onStart: (store) => late.push(store) }),
    },
    synced: () => Promise.all(stores.map((store) => store.synced)),
    ended: () => Promise.allSettled([...stores, ...late].map((store) => store.done)),
  };
}

type OwnChange = (kind: GroupKind, change: Change<KubeObject>) => void;

/** The program's own kinds, each watched once, restricted to its namespace and shard. */
function ownStores(config: CommonConfig, { setup }: Watches, onChange: OwnChange): (kind: Resource) => Store {
  const stores = new Map<string, Store>();
  return (kind) => {
    const selection: Selection = {
      resource: kind,
      namespace: watchedNamespace(config),
      labelSelector: config.watchLabelSelector,
    };
    return stores.getOrInsertComputed(keyOfKind(kind), () =>
      setup.watch(selection, (change) => onChange(kind, change)),
    );
  };
}

async function stopAll(controllers: Iterable<Controller>, patienceMs: number, log: Logger): Promise<void> {
  const patience = new AbortController();
  const late = delay(patienceMs, "late", { signal: patience.signal }).catch(() => "ended");
  const ended = await Promise.race([Promise.all([...controllers].map((controller) => controller.stop())), late]);
  if (ended === "late")
    log.error("reconciliations did not end within the shutdown timeout", { err: stopFault(patienceMs) });
  patience.abort();
}

function stopFault(patienceMs: number): FaultType {
  return new Fault("ShutdownTimeout", `reconciliations were still running after ${patienceMs} ms`);
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
