import { type Decided, decide, decideByReview, type Decision, isLeftAlone, leaveAlone, type Result } from "./decide.ts";
import type { Drift } from "../drift/drift.ts";
import type { LiveObject } from "../watch/sync-state.ts";
import { rankOf } from "./order.ts";
import { despiteOldVersions } from "./migrate-managed-fields.ts";
import { mapLimited } from "./map-limited.ts";
import { recognize, type Unremembered } from "./find-unchanged.ts";
import { canRecreate } from "./recreate.ts";
import { protectNamespace } from "./protect-namespace.ts";
import { Rejection } from "../objects/rejection.ts";
import type { ApplyRun, Item } from "./run.ts";
import { type Before, dryRun, learn, readLive, send, takeOver } from "./send.ts";

/**
 * Applies the objects of one stage, which are in order: nothing is sent that the server has already, and nothing of it is
 * applied where one object is rejected.
 *
 * @param onDone called for each object once its result stands
 * @throws Rejection that names each rejected object
 */
export async function applyStage(run: ApplyRun, items: readonly Item[], onDone: OnDone): Promise<void> {
  await Promise.all(
    [...new Set(items.map(({ kindWatch }) => kindWatch))].map(async (kindWatch) => kindWatch.ready(run.signal)),
  );
  // What is learnt from a read may be older than an event of the watch: events are judged when the stage is over.
  using holds = new DisposableStack();
  for (const { kindWatch, object } of items) holds.use(kindWatch.hold(object.metadata));
  const pending: Pending[] = [];
  const decided = await decideAll(run, items);
  for (const [index, item] of items.entries()) {
    const decision = decided[index];
    if (decision?.next === "send") pending.push({ item, ...decision });
    else if (decision) onDone(item, decision.result, decision.drift);
  }
  const valid = await validate(run, pending, onDone);
  if (valid.length > 0) await run.beforeWrite(valid.map(({ item }) => item));
  const leader = isLeader(pending) ? valid.slice(0, 1) : [];
  for (const group of [leader, ...byRank(valid.slice(leader.length))]) {
    await mapLimited(group, run.concurrency, async ({ item, before, drift }) => {
      await protectNamespace(run, item, before);
      const sent = await send(run, item, before);
      onDone(item, sent, sent === "unchanged" ? undefined : drift);
    });
  }
}

/** Told what became of an object, and what others had done to it. */
type OnDone = (item: Item, result: Result, drift?: Drift) => void;

interface Pending {
  item: Item;
  before: Before | "unsure";
  drift?: Drift | undefined;
  isValidated?: boolean;
}

/** In the order of the items. */
async function decideAll(run: ApplyRun, items: readonly Item[]): Promise<Decided[]> {
  const decisions = await mapLimited(items, run.concurrency, async (item) => decide(run, item));
  const recognized = await recognize(run, unremembered(run, items, decisions));
  for (const [item, live] of recognized) learn(run, item, live);
  const suspects = items.filter((item, index) => decisions[index]?.next === "review" && !recognized.has(item));
  const reviews = await mapLimited(suspects, run.concurrency, async (item) => decideByReview(run, item));
  const reviewed = new Map(suspects.map((item, index) => [item, reviews[index]]));
  return items.flatMap((item, index) => {
    if (recognized.has(item)) return [{ next: "done", result: "unchanged" }];
    const decided = reviewed.get(item) ?? decisions[index];
    return decided === undefined || decided.next === "review" ? [] : [decided];
  });
}

/** What needs to be looked at only because nothing of it is remembered. */
function unremembered(run: ApplyRun, items: readonly Item[], decisions: readonly Decision[]): Unremembered[] {
  return items.flatMap((item, index) => {
    const live = seenLive(decisions[index]);
    return live === undefined || item.kindWatch.known(item.object.metadata, run.owner) !== undefined
      ? []
      : [{ item, live }];
  });
}

function seenLive(decision: Decision | undefined): LiveObject | undefined {
  if (decision?.next === "review") return decision.live;
  const before = decision?.next === "send" ? decision.before : undefined;
  return typeof before === "object" && before.kind === "seen" ? before.live : undefined;
}

/**
 * Whether the first object is applied before all others, without a dry-run: if it is rejected, nothing has been applied. For that
 * it must be known what it was; of a single one that is looked up.
 */
function isLeader([first, second]: readonly Pending[]): boolean {
  return first !== undefined && (second === undefined || first.before !== "unsure");
}

interface Valid {
  item: Item;
  before: Before;
  drift: Drift | undefined;
}

/** A leader is validated only to be reported together with other rejected objects. */
async function validate(run: ApplyRun, pending: readonly Pending[], onDone: OnDone): Promise<Valid[]> {
  const leader = isLeader(pending) ? pending[0] : undefined;
  const check = async (one: Pending) => (one === leader ? lookUp(run, one) : validateOne(run, one));
  const checked = await mapLimited(pending, run.concurrency, check);
  const rejected = checked.filter((one) => one instanceof Rejection);
  if (rejected.length > 0 && leader !== undefined) {
    const answer = await validateOne(run, leader);
    if (answer instanceof Rejection) rejected.unshift(answer);
  }
  if (rejected.length > 0) throw joined(rejected);
  const valid: Valid[] = [];
  for (const [index, { item, drift }] of pending.entries()) {
    const before = checked[index];
    if (before === undefined || before instanceof Rejection) continue;
    if (before.kind !== "absent" && isLeftAlone(item, before.live)) {
      // The answer to a dry-run tells neither its version nor whether the labels are there.
      leaveAlone(run, item, before.kind === "seen" ? before.live : undefined);
      onDone(item, "skipped");
    } else valid.push({ item, before, drift });
  }
  return valid;
}

async function lookUp(run: ApplyRun, { item, before }: Pending): Promise<Before> {
  if (before !== "unsure") return before;
  const live = await readLive(run, item);
  return live === undefined ? { kind: "absent" } : { kind: "seen", live };
}

async function validateOne(run: ApplyRun, { item, before, isValidated }: Pending): Promise<Before | Rejection> {
  if (isValidated && before !== "unsure") return before;
  try {
    const live = await despiteOldVersions(run, item, () => dryRun(run, item));
    if (before !== "unsure") return before;
    return live === undefined ? { kind: "absent" } : { kind: "foreign", live };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const known = before === "unsure" ? await lookUp(run, { item, before }) : before;
    if (await isValidOnceTaken(run, item, known)) return known;
    if (known.kind !== "absent" && (await canRecreate(run, item, { error: error.cause, live: known.live })))
      return known;
    return error;
  }
}

/**
 * Whether only fields of others make the object invalid: taken over, they leave it with what is no longer declared. That
 * changes nothing but whose the fields are.
 */
async function isValidOnceTaken(run: ApplyRun, item: Item, before: Before): Promise<boolean> {
  if (before.kind === "absent" || !(await takeOver(run, item, before.live))) return false;
  try {
    await dryRun(run, item);
    return true;
  } catch (error) {
    if (error instanceof Rejection) return false;
    throw error;
  }
}

const mostRejections = 5;

function joined(rejections: readonly Rejection[]): Rejection {
  const [first] = rejections;
  if (first !== undefined && rejections.length === 1) return first;
  const shown = rejections.slice(0, mostRejections).map(({ message }) => message);
  const left = rejections.length - shown.length;
  return new Rejection([...shown, ...(left > 0 ? [`and ${left} more`] : [])].join("\n"), { kind: first?.kind });
}

/** Objects of one rank go side by side, ranks one after another. */
function* byRank<Entry extends { item: Item }>(entries: readonly Entry[]): Iterable<Entry[]> {
  let rank: Entry[] = [];
  for (const entry of entries) {
    const [last] = rank;
    if (last !== undefined && rankOf(last.item.object.kind) !== rankOf(entry.item.object.kind)) {
      yield rank;
      rank = [];
    }
    rank.push(entry);
  }
  if (rank.length > 0) yield rank;
}
