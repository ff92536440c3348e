import type { Http } from "@leat/http";
import type { Kube } from "@leat/kube";
import type { Logger } from "@leat/log";
import { createClusterEvents } from "./cluster-events.ts";
import type { DeliveryOptions } from "./delivery.ts";
import { createEventPoster } from "./event-poster.ts";
import type { EventSink } from "./events.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import type { Metrics } from "./metrics.ts";

interface EventSinksOptions {
  kube: Kube;
  http: Http;
  log: Logger;
  metrics: Metrics;
  signal: AbortSignal;
}

/** Where the events of a program go: to the cluster, and to the receiver at `--events-addr` if there is one. */
export function createEventSinks(url: string | undefined, options: EventSinksOptions): EventSink[] {
  const toCluster = createClusterEvents(options.kube, watched("cluster", {}, options));
  if (url === undefined || url === "") return [toCluster];
  const receiver = { address: new URL(url).host };
  return [toCluster, createEventPoster(options.http, url, watched("events-addr", receiver, options))];
}

type Watching = Pick<DeliveryOptions, "onDelivered" | "onDropped" | "signal">;

/** What is dropped is counted, and the first of it logged with its cause; the next line is that the sink works again. */
function watched(sink: string, fields: object, { log, metrics, signal }: EventSinksOptions): Watching {
  const dropped = metrics.counter(metricCatalogue.eventsDropped);
  // Without a series that begins at 0, the first one would be no increase.
  dropped.inc({ sink }, 0);
  let isDropping = false;
  return {
    signal,
    onDelivered: () => {
      if (isDropping) log.info("events are delivered again", { sink, ...fields });
      isDropping = false;
    },
    onDropped: (_, cause) => {
      dropped.inc({ sink });
      // Not as `err`, which adds a stack.
      const error = cause instanceof Error ? cause.message : String(cause);
      if (!isDropping) log.error("events are dropped", { sink, ...fields, error });
      isDropping = true;
    },
  };
}
