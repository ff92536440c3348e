import type { Http } from "@leat/http";
import { createDelivery, type DeliveryOptions, Rejected } from "./delivery.ts";
import type { Emitted, EventSink } from "./events.ts";

const postTimeoutMs = 5000;

/**
 * Posts events to the notification controller, in Flux's event format (`fluxcd/pkg/apis/event/v1beta1`). 429 means that
 * the receiver knows the event already. Trace events are not posted.
 */
export function createEventPoster(
  http: Http,
  url: string,
  options: Pick<DeliveryOptions, "onDelivered" | "onDropped" | "signal">,
): EventSink {
  const delivery = createDelivery({
    ...options,
    capacity: 1000,
    concurrency: 4,
    pausesMs: [500, 1000, 2000, 4000, 8000],
    deliver: async (event, signal) => {
      const answer = await http.request(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(payloadOf(event)),
        timeoutMs: postTimeoutMs,
        maxBytes: 65_536,
        signal,
      });
      await answer.bytes();
      if (answer.status < 400 || answer.status === 429) return;
      const what = `the event receiver responded with HTTP status ${answer.status}`;
      throw answer.status < 500 ? new Rejected(what) : new Error(what);
    },
  });
  return { ...delivery, emit: (event) => event.type !== "Trace" && delivery.emit(event) };
}

function payloadOf({
  involvedObject,
  type,
  reason,
  message,
  metadata,
  at,
  reportingController,
  reportingInstance,
}: Emitted): object {
  return {
    involvedObject,
    severity: type === "Warning" ? "error" : "info",
    timestamp: `${at.toISOString().slice(0, 19)}Z`,
    message,
    reason,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    reportingController,
    reportingInstance,
  };
}
