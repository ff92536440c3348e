import { readFile } from "node:fs/promises";
import type { Harness } from "../harness/harness.ts";

/** What the programs of a stack have used, or used between two readings. */
export interface Usage {
  /** CPU seconds, ended children included. */
  cpuSeconds: number;
  /** Resident memory of each program now, in MiB, children left out. */
  residentMiB: Record<string, number>;
  /** The most that each was since its start. */
  peakMiB: Record<string, number>;
  /** Requests to the API server by `verb resource`, of the stack's own clients. */
  requests: Record<string, number>;
}

/** Clock ticks a second: the kernel's unit in /proc, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export async function readUsage(harness: Harness): Promise<Usage> {
  const names = harness.stack.processes.map(({ name }) => name);
  const read = await Promise.all(names.map(async (name) => [name, await readProcess(harness.pidOf(name))] as const));
  return {
    cpuSeconds: read.reduce((sum, [, { cpuSeconds }]) => sum + cpuSeconds, 0),
    residentMiB: Object.fromEntries(read.map(([name, { residentMiB }]) => [name, residentMiB])),
    peakMiB: Object.fromEntries(read.map(([name, { peakMiB }]) => [name, peakMiB])),
    requests: await countRequests(harness.controlPlane.auditLog),
  };
}

export function usageBetween(before: Usage, after: Usage): Usage {
  const requests = Object.entries(after.requests).map(
    ([key, count]) => [key, count - (before.requests[key] ?? 0)] as const,
  );
  return {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    residentMiB: after.residentMiB,
    peakMiB: after.peakMiB,
    requests: Object.fromEntries(requests.filter(([, count]) => count > 0)),
  };
}

interface ProcessUsage {
  cpuSeconds: number;
  residentMiB: number;
  peakMiB: number;
}

async function readProcess(pid: number | undefined): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // Fields 14 to 17 (proc(5)), counted from after the name in brackets, which may hold blanks.
  const ticks = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
  const kibOf = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return {
    cpuSeconds: ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond,
    residentMiB: kibOf("VmRSS") / 1024,
    peakMiB: kibOf("VmHWM") / 1024,
  };
}

interface AuditEvent {
  stage: string;
  verb: string;
  userAgent?: string;
  requestURI: string;
  objectRef?: { resource?: string; subresource?: string };
}

/** Whoever is no part of Kubernetes itself and not the benchmark is the stack. */
const others = /^(behaviour-test|kube-|kwok|etcd|leat-testing)/;

async function countRequests(auditLog: string | undefined): Promise<Record<string, number>> {
  if (auditLog === undefined) return {};
  const counts: Record<string, number> = {};
  for (const line of (await readFile(auditLog, "utf8")).split("\n")) {
    if (line === "") continue;
    const { stage, verb, userAgent = "", objectRef, requestURI } = JSON.parse(line) as AuditEvent;
    if (others.test(userAgent) || stage !== (verb === "watch" ? "ResponseStarted" : "ResponseComplete")) continue;
    const dryRun = requestURI.includes("dryRun=All") ? " (dry run)" : "";
    const resource = [objectRef?.resource, objectRef?.subresource].filter(Boolean).join("/") || "discovery";
    const key = `${verb} ${resource}${dryRun}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
