import { setTimeout as pause } from "node:timers/promises";
import type { KubeObject } from "@leat/api";
import type { Kube, Selection } from "../src/kube.ts";

/** What came: the event's type and the names of its objects. */
export type Heard = string[];

/** A watch whose events are collected as they come. */
export interface Followed extends AsyncDisposable {
  /** The next event that was not taken yet. @throws Error when none comes for 30 s */
  take: () => Promise<Heard>;
  /** What has come and was not taken. */
  rest: () => Heard[];
  /** The last object that came. */
  last: () => KubeObject | undefined;
  /** Messages of the failures that were reported. */
  readonly failures: string[];
  /** Ends the watch; resolves when it has ended. */
  stop: () => Promise<void>;
}

const limitMs = 30_000;

/** Starts a watch. */
export async function follow(kube: Kube, selection: Selection): Promise<Followed> {
  const controller = new AbortController();
  const heard: Heard[] = [];
  const failures: string[] = [];
  let last: KubeObject | undefined;
  const following = (async () => {
    const onFailure = (error: Error) => void failures.push(error.message);
    for await (const event of kube.watch(selection, controller.signal, { onFailure })) {
      const objects = event.type === "listed" ? event.objects : [event.object];
      heard.push([event.type, ...objects.map(({ metadata }) => metadata.name)]);
      last = objects.at(-1);
    }
  })();
  const stop = async () => {
    controller.abort();
    await following;
  };
  const take = async () => {
    for (const started = performance.now(); ; await pause(5)) {
      const event = heard.shift();
      if (event) return event;
      if (performance.now() - started > limitMs)
        throw new Error(`no event came; failures: ${failures.join("; ") || "none"}`);
    }
  };
  return { take, rest: () => [...heard], last: () => last, failures, stop, [Symbol.asyncDispose]: stop };
}
