import { Fault, type KubeObject } from "@leat/api";
import { ApiError } from "./api-error.ts";
import { createBackoff } from "./backoff.ts";
import type { Listed, Selection, WatchEvent, WatchOptions } from "./kube.ts";
import { openSession, type SessionEvent, type SessionOptions } from "./watch-session.ts";

const firstPauseMs = 50;
const longestPauseMs = 10_000;
// A session that lasted this long was a good one, also where it brought nothing.
const goodSessionMs = 5_000;

/** What a watch needs of the client. */
export interface WatchParts<Kept> extends Omit<
  SessionOptions,
  "selection" | "position" | "signal" | "isTalkative" | "onOpen"
> {
  list: () => Promise<Listed<Kept>>;
}

/** Where a watch stands, over all its connections. */
interface Progress<Kept> {
  /** resourceVersion to go on from; `undefined` where only a new list gives the truth. */
  position: string | undefined;
  /** The server can send the list as the start of the watch. */
  streamsList: boolean;
  /** It sends bookmarks, so that silence means a dead connection. */
  bookmarked: boolean;
  /** Something has come on the connection that is open. */
  hasBrought: boolean;
  /** What is kept of what the server has sent so far of its list; `undefined` where none is under way. */
  initial: Kept[] | undefined;
}

/**
 * Follows a selection until the signal aborts, over any number of connections.
 *
 *   no position → list (as the start of a watch, where the server can) → "listed"
 *   position    → watch from there; a connection that ends is opened again at the last resourceVersion seen
 *   410, an error in the stream, a line that is not JSON → no position
 */
export async function* watch<Kept>(
  parts: WatchParts<Kept>,
  selection: Selection,
  { signal, keep, onFailure, onResume }: WatchOptions<Kept> & Pick<Following<Kept>, "signal" | "keep">,
): AsyncGenerator<WatchEvent<Kept>, void, undefined> {
  const progress: Progress<Kept> = {
    position: undefined,
    streamsList: true,
    bookmarked: false,
    hasBrought: false,
    initial: undefined,
  };
  const backoff = createBackoff(firstPauseMs, longestPauseMs);
  let failures = 0;
  while (!signal.aborted) {
    const started = performance.now();
    let failure: unknown;
    progress.hasBrought = false;
    try {
      yield* followOnce(parts, selection, { progress, signal, keep, onResume });
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    if (progress.hasBrought || performance.now() - started > goodSessionMs) {
      backoff.reset();
      failures = 0;
    }
    const next = afterSession(progress, failure);
    if (next.report !== undefined) onFailure?.(next.report, ++failures);
    if (next.atOnce) continue;
    try {
      await backoff.wait(signal, failure instanceof ApiError ? failure.retryAfterMs : 0);
    } catch {
      // The signal has aborted.
      return;
    }
  }
}

interface Following<Kept> {
  progress: Progress<Kept>;
  signal: AbortSignal;
  /** What is kept of an object of a list. */
  keep: (object: KubeObject) => Kept;
  onResume: (() => void) | undefined;
}

/** One list where it is needed, and one connection. */
async function* followOnce<Kept>(
  parts: WatchParts<Kept>,
  selection: Selection,
  { progress, signal, keep, onResume }: Following<Kept>,
): AsyncGenerator<WatchEvent<Kept>, void, undefined> {
  if (progress.position === undefined && !progress.streamsList) {
    const { objects, resourceVersion } = await parts.list();
    progress.position = resourceVersion;
    progress.hasBrought = true;
    yield { type: "listed", objects, resourceVersion };
  }
  progress.initial = progress.position === undefined ? [] : undefined;
  const isTalkative = () => progress.bookmarked || progress.initial !== undefined;
  const { position } = progress;
  const onOpen = position === undefined ? undefined : onResume;
  const session = openSession({ ...parts, selection, signal, position, isTalkative, onOpen });
  for await (const event of session) {
    const news = takeIn(progress, event, keep);
    if (news !== undefined) yield news;
  }
  if (progress.initial !== undefined)
    throw new Fault("WatchBroken", "the connection ended before the list was complete");
}

/** Notes where the watch stands now, and gives what its consumer should hear. */
function takeIn<Kept>(
  progress: Progress<Kept>,
  event: SessionEvent,
  keep: (object: KubeObject) => Kept,
): WatchEvent<Kept> | undefined {
  const { initial } = progress;
  if (initial !== undefined && event.type === "object") {
    initial.push(keep(event.object));
    return undefined;
  }
  if (initial !== undefined && event.type === "bookmark" && !event.endsInitial) throw new ListNotStreamed();
  progress.position = event.resourceVersion;
  progress.hasBrought = true;
  if (event.type === "object") return { type: event.deleted ? "deleted" : "applied", object: event.object };
  progress.bookmarked = true;
  progress.initial = undefined;
  return initial === undefined
    ? undefined
    : { type: "listed", objects: initial, resourceVersion: event.resourceVersion };
}

/** A server that does not know `sendInitialEvents` ignores it. */
class ListNotStreamed extends Error {}

/** Decides how to go on, and what of it a person should know. */
function afterSession(progress: Progress<unknown>, failure: unknown): { atOnce: boolean; report?: Error } {
  // The server ends each watch after a while; one that ends at once every time is paced by the backoff.
  if (failure === undefined) return { atOnce: progress.hasBrought };
  if (progress.streamsList && progress.position === undefined && isNoStreamedList(failure)) {
    progress.streamsList = false;
    return { atOnce: true };
  }
  // A position that has become too old is part of normal life: a new list mends it.
  const isTooOld = progress.position !== undefined && failure instanceof ApiError && failure.code === 410;
  if (!mayResume(failure)) progress.position = undefined;
  if (isTooOld) return { atOnce: true };
  return {
    atOnce: false,
    report: failure instanceof Error ? failure : new Error("the watch failed", { cause: failure }),
  };
}

/** Rejected, taken for a plain watch, or begun and never completed: a list and a watch after it always work. */
function isNoStreamedList(failure: unknown): boolean {
  if (failure instanceof ApiError) return failure.code === 400 || failure.code === 422;
  return failure instanceof ListNotStreamed || (failure instanceof Fault && failure.reason === "WatchBroken");
}

/** Broken connections, overload and rejected credentials say nothing about the position; any other error may. */
function mayResume(failure: unknown): boolean {
  if (failure instanceof ApiError) return [401, 403, 429, 503].includes(failure.code);
  return !(failure instanceof SyntaxError);
}
