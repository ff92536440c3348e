import { type Live, standingOf } from "./live.ts";
import { rankOf } from "./order.ts";
import { mapLimited } from "./pool.ts";
import { recognize } from "./recognize.ts";
import { canRecreate } from "./recreate.ts";
import { Refusal } from "./refusal.ts";
import type { ApplyRun, Item } from "./run.ts";
import { type Before, dryRun, learn, readLive, send, type Sent } from "./send.ts";
import { eitherOf, leavesAlone } from "./switches.ts";

export type Result = Sent | "skipped";

type Decision = { next: "done"; result: Result } | { next: "send"; before: Before | "unsure" };

/**
 * Applies the objects of one stage, which are in order: nothing is sent that the server has already, and nothing of it is
 * applied where one object is refused.
 *
 * @param onDone called for each object once its result stands
 * @throws Refusal that names each refused object
 */
export async function applyStage(
  run: ApplyRun,
  items: readonly Item[],
  onDone: (item: Item, result: Result) => void,
): Promise<void> {
  await Promise.all([...new Set(items.map(({ track }) => track))].map(async (track) => track.ready(run.signal)));
  const decisions = await mapLimited(items, run.concurrency, async (item) => decide(run, item));
  const undone: Pending[] = [];
  for (const [index, item] of items.entries()) {
    const decision = decisions[index];
    if (decision?.next === "done") onDone(item, decision.result);
    else if (decision) undone.push({ item, before: decision.before });
  }
  const pending = await leaveRecognized(run, undone, onDone);
  const valid = await validate(run, pending, onDone);
  if (valid.length > 0) await run.beforeWrite(valid.map(({ item }) => item));
  const leader = isLeader(pending) ? valid.slice(0, 1) : [];
  for (const group of [leader, ...byRank(valid.slice(leader.length))]) {
    await mapLimited(group, run.concurrency, async ({ item, before }) => onDone(item, await send(run, item, before)));
  }
}

interface Pending {
  item: Item;
  before: Before | "unsure";
}

async function decide(run: ApplyRun, item: Item): Promise<Decision> {
  const { track, object, switches } = item;
  if (switches.ignored) return leaveAlone(run, item);
  const look = track.look(object.metadata);
  if (look.kind === "absent" && !switches.onlyCreated) return { next: "send", before: "unsure" };
  const live = look.kind === "seen" ? look.live : await readLive(run, item);
  if (live === undefined) return { next: "send", before: { kind: "absent" } };
  if (isLeftAlone(item, live)) return leaveAlone(run, item, live);
  if (isSettled(item, live)) return { next: "done", result: "unchanged" };
  return { next: "send", before: { kind: "seen", live } };
}

/** What is still to be sent, when those are done that need it only because nothing of them is remembered. */
async function leaveRecognized(
  run: ApplyRun,
  undone: readonly Pending[],
  onDone: (item: Item, result: Result) => void,
): Promise<Pending[]> {
  const unremembered = undone.flatMap(({ item, before }) =>
    before !== "unsure" && before.kind === "seen" && item.track.known(item.object.metadata) === undefined
      ? [{ item, live: before.live }]
      : [],
  );
  const recognized = await recognize(run, unremembered);
  for (const [item, live] of recognized) {
    learn(run, item, live);
    onDone(item, "unchanged");
  }
  return undone.filter(({ item }) => !recognized.has(item));
}

/** The shortest way: what would be sent is what was sent, and nobody has changed it since. */
function isSettled({ track, object, digest }: Item, live: Live): boolean {
  const known = track.known(object.metadata);
  if (known === undefined || known.digest !== digest || known.unproven || known.reported) return false;
  const standing = standingOf(known, live, performance.now());
  return standing === "same" || standing === "bookkeeping";
}

/** Unless the source ignores it, its deletion is still looked after, as far as it has the labels that the watch goes by. */
function leaveAlone(run: ApplyRun, item: Item, live?: Live): Decision {
  if (live?.owner === undefined || item.switches.ignored) item.track.disown(item.object.metadata, run.owner);
  else learn(run, item, live);
  return { next: "done", result: "skipped" };
}

function isLeftAlone({ switches }: Item, live: Live): boolean {
  return leavesAlone(eitherOf(switches, live.switches));
}

/**
 * Whether the first object goes before all others, without a rehearsal: where it is refused, nothing has been applied. For that
 * it must be known what it was; of a single one that is looked up.
 */
function isLeader([first, second]: readonly Pending[]): boolean {
  return first !== undefined && (second === undefined || first.before !== "unsure");
}

/** A leader is rehearsed only to be named beside others that are refused. */
async function validate(
  run: ApplyRun,
  pending: readonly Pending[],
  onDone: (item: Item, result: Result) => void,
): Promise<Array<{ item: Item; before: Before }>> {
  const leader = isLeader(pending) ? pending[0] : undefined;
  const check = async (one: Pending) => (one === leader ? lookUp(run, one) : rehearse(run, one));
  const checked = await mapLimited(pending, run.concurrency, check);
  const refused = checked.filter((one) => one instanceof Refusal);
  if (refused.length > 0 && leader !== undefined) {
    const answer = await rehearse(run, leader);
    if (answer instanceof Refusal) refused.unshift(answer);
  }
  if (refused.length > 0) throw joined(refused);
  const valid: Array<{ item: Item; before: Before }> = [];
  for (const [index, { item }] of pending.entries()) {
    const before = checked[index];
    if (before === undefined || before instanceof Refusal) continue;
    if (before.kind !== "absent" && isLeftAlone(item, before.live)) {
      // The answer to a dry-run tells neither its version nor whether the labels are there.
      leaveAlone(run, item, before.kind === "seen" ? before.live : undefined);
      onDone(item, "skipped");
    } else valid.push({ item, before });
  }
  return valid;
}

async function lookUp(run: ApplyRun, { item, before }: Pending): Promise<Before> {
  if (before !== "unsure") return before;
  const live = await readLive(run, item);
  return live === undefined ? { kind: "absent" } : { kind: "seen", live };
}

async function rehearse(run: ApplyRun, { item, before }: Pending): Promise<Before | Refusal> {
  try {
    const live = await dryRun(run, item);
    if (before !== "unsure") return before;
    return live === undefined ? { kind: "absent" } : { kind: "foreign", live };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const known = before === "unsure" ? await lookUp(run, { item, before }) : before;
    if (known.kind !== "absent" && (await canRecreate(run, item, { error: error.cause, live: known.live })))
      return known;
    return error;
  }
}

const mostRefusals = 5;

function joined(refusals: readonly Refusal[]): Refusal {
  const [first] = refusals;
  if (first !== undefined && refusals.length === 1) return first;
  const shown = refusals.slice(0, mostRefusals).map(({ message }) => message);
  const left = refusals.length - shown.length;
  return new Refusal([...shown, ...(left > 0 ? [`and ${left} more`] : [])].join("\n"));
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
