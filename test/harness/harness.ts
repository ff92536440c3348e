import { open } from "node:fs/promises";
import type { Kube } from "@leat/kube";
import type { ControlPlane, GitServer, PostedEvents } from "@leat/testing";
import { logFileOf } from "./programs.ts";
import type { StackDescription } from "./stack.ts";

/** A control plane with a stack that runs on it, and what the stack talks to. */
export interface Harness extends AsyncDisposable {
  stack: StackDescription;
  controlPlane: ControlPlane;
  /** Speaks as the administrator. */
  kube: Kube;
  git: GitServer;
  /** What the stack has posted. */
  events: PostedEvents;
  /** Private directory of the programs: their logs, storage and work. */
  directory: string;
  /** What becomes of the namespace of a scenario that is over. */
  leave: (namespace: string) => Promise<void>;
  /** Bytes that the logs of the programs held at the start, by the name of the program: of other tests. */
  logOffsets: Readonly<Record<string, number>>;
}

/** What programs of the stack have logged for this harness: all of them where none is named. */
export async function readLogs(
  { directory, stack, logOffsets }: Harness,
  names: readonly string[] = stack.processes.map(({ name }) => name),
): Promise<string> {
  const texts = names.map((name) => readFrom(logFileOf(directory, name), logOffsets[name] ?? 0));
  return (await Promise.all(texts)).join("");
}

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path);
  const chunks = await Array.fromAsync(file.createReadStream({ start, encoding: "utf8" }) as AsyncIterable<string>);
  return chunks.join("");
}

/** The last log lines of the programs about a namespace: what a failing test is explained by. */
export async function logLinesOf(harness: Harness, namespace: string, most = 12): Promise<string> {
  const texts = await Promise.all(harness.stack.processes.map(({ name }) => readLogs(harness, [name]).catch(() => "")));
  const lines = texts.map((text) => text.split("\n").filter((line) => line.includes(namespace)));
  return lines.map((own) => own.slice(-most).join("\n")).join("\n");
}
