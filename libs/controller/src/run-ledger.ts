/**
 * Remembers which objects had their work ended before its time, so that no object can stop a controller again and again.
 *
 * Which runs are under way is in a file, so that it is known after the controller has died (a blocked event loop, no memory
 * left). Its records have a fixed place each and are written without fsync: the pages survive the process, and a run costs
 * two small writes. After a graceful stop nothing is left.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@leat/log";
import { processState, thisProcess } from "@leat/process";

/** An object with this many strikes is not reconciled until it changes. */
export const mostStrikes = 3;

/** An object as it is reconciled: another generation of it starts without strikes. */
export interface Subject {
  kind: string;
  uid: string;
  generation: number;
}

export interface RunLedger extends Disposable {
  strikesOf: (subject: Subject) => number;
  /**
   * Whether a run may begin. Of the objects that were reconciled when the controller died, one at a time: if it dies again, this
   * one was the cause, and has all strikes.
   */
  mayRun: (subject: Subject) => boolean;
  begin: (subject: Subject) => NotedRun;
  /** The object is gone. */
  forget: (subject: Subject) => void;
}

/** A run under way, until it is disposed of. */
export interface NotedRun extends Disposable {
  /**
   * The work was ended by a limit.
   *
   * @returns how many strikes the object has now
   */
  strike: () => number;
  /** The work has come to its end. */
  clear: () => void;
}

interface Noted extends Subject {
  strikes: number;
  isRunning: boolean;
  /** It was running when the controller died. */
  isSuspect: boolean;
}

const recordBytes = 256;
const suffix = ".runs";

interface LedgerOptions {
  /** Outlives the process; several processes may use the same one. */
  directory: string;
  log: Logger;
  /** Identity of the process that writes; this one's where it is absent. */
  self?: string;
}

export function openRunLedger({ directory, log, self = thisProcess() }: LedgerOptions): RunLedger {
  const left = recover(directory, log);
  return new FileLedger(left, openFile(join(directory, `${self}-${crypto.randomUUID()}${suffix}`), log));
}

/** One that is kept in memory only. */
export function createRunLedger(): RunLedger {
  return new FileLedger([], undefined);
}

class FileLedger implements RunLedger {
  readonly #noted = new Map<string, Noted>();
  readonly #places = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #file: LedgerFile | undefined;

  constructor(left: readonly Noted[], file: LedgerFile | undefined) {
    this.#file = file;
    for (const one of left) this.#note(one);
  }

  strikesOf(subject: Subject): number {
    return this.#known(subject)?.strikes ?? 0;
  }

  mayRun(subject: Subject): boolean {
    if (!this.#known(subject)?.isSuspect) return true;
    return !this.#noted.values().some(({ isSuspect, isRunning }) => isSuspect && isRunning);
  }

  begin({ kind, uid, generation }: Subject): NotedRun {
    const key = keyOf({ kind, uid });
    const { strikes = 0, isSuspect = false } = this.#known({ kind, uid, generation }) ?? {};
    let noted: Noted = { kind, uid, generation, strikes, isSuspect, isRunning: true };
    this.#note(noted);
    return {
      strike: () => {
        noted = { ...noted, strikes: noted.strikes + 1 };
        return noted.strikes;
      },
      clear: () => void (noted = { ...noted, strikes: 0, isSuspect: false }),
      [Symbol.dispose]: () => {
        if (noted.strikes > 0) this.#note({ ...noted, isRunning: false });
        else this.#forget(key);
      },
    };
  }

  forget(subject: Subject): void {
    const noted = this.#noted.get(keyOf(subject));
    if (noted && !noted.isRunning) this.#forget(keyOf(subject));
  }

  [Symbol.dispose](): void {
    this.#file?.remove();
  }

  #known({ kind, uid, generation }: Subject): Noted | undefined {
    const noted = this.#noted.get(keyOf({ kind, uid }));
    return noted?.generation === generation ? noted : undefined;
  }

  #note(noted: Noted): void {
    const key = keyOf(noted);
    const place = this.#places.getOrInsertComputed(key, () => this.#free.pop() ?? this.#places.size);
    this.#noted.set(key, noted);
    this.#file?.write(place, JSON.stringify(noted));
  }

  #forget(key: string): void {
    const place = this.#places.get(key);
    this.#noted.delete(key);
    this.#places.delete(key);
    if (place === undefined) return;
    this.#free.push(place);
    this.#file?.write(place, "");
  }
}

function keyOf({ kind, uid }: Pick<Subject, "kind" | "uid">): string {
  return `${kind} ${uid}`;
}

interface LedgerFile {
  write: (place: number, record: string) => void;
  remove: () => void;
}

/** Without a file, what is noted is lost with the process, and nothing else. */
function openFile(path: string, log: Logger): LedgerFile | undefined {
  const attempt = <Result>(work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (err) {
      log.error("cannot note which reconciliations are under way", { err });
      return undefined;
    }
  };
  const file = attempt(() => openSync(path, "wx", 0o600));
  if (file === undefined) return undefined;
  return {
    write: (place, record) =>
      void attempt(() => writeSync(file, record.padEnd(recordBytes - 1).concat("\n"), place * recordBytes)),
    remove: () =>
      attempt(() => {
        closeSync(file);
        rmSync(path, { force: true });
      }),
  };
}

/** What processes that have died left, with the strikes for it. */
function recover(directory: string, log: Logger): Noted[] {
  try {
    mkdirSync(directory, { recursive: true });
    const names = readdirSync(directory).filter((name) => name.endsWith(suffix) && processState(name) === "gone");
    return names.flatMap((name) => take(join(directory, name)));
  } catch (err) {
    log.error("cannot read which reconciliations were under way", { err });
    return [];
  }
}

function take(path: string): Noted[] {
  const records = readFileSync(path, "utf8").split("\n");
  rmSync(path);
  return records.flatMap((record) => {
    const noted = parse(record);
    if (!noted) return [];
    if (!noted.isRunning) return [noted];
    const strikes = noted.isSuspect ? mostStrikes : noted.strikes + 1;
    return [{ ...noted, strikes, isRunning: false, isSuspect: true }];
  });
}

/** A record that was being written when the process died is none. */
function parse(record: string): Noted | undefined {
  try {
    return JSON.parse(record) as Noted;
  } catch {
    return undefined;
  }
}
