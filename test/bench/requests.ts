import { open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

const everyMs = 500;

interface AuditEvent {
  stage: string;
  stageTimestamp: string;
  verb: string;
  userAgent?: string;
  requestURI: string;
  objectRef?: { resource?: string; subresource?: string };
}

/** User agents that are neither Kubernetes' own nor the benchmark's belong to the stack. */
const others = /^(behaviour-test|kube-|kwok|etcd|leat-testing)/;

/** Counts a stack's own requests by `verb resource`, from the start of the audit log on. Each reading goes on from the one before. */
export interface RequestCounter {
  read: () => Promise<Record<string, number>>;
  /**
   * Resolves once there has been no request for so long, with the time (`performance.now()`) of the last one. Where there is
   * no such pause in time, it resolves all the same.
   */
  untilQuiet: (quietMs: number, timeoutMs: number) => Promise<number>;
}

export function createRequestCounter(auditLog: string | undefined): RequestCounter {
  const counts: Record<string, number> = {};
  let offset = 0;
  let lastAt = 0;
  const read = async () => {
    if (auditLog === undefined) return {};
    const text = await wholeLinesFrom(auditLog, offset);
    offset += text.length;
    for (const line of text.toString().split("\n")) {
      const event = line === "" ? undefined : (JSON.parse(line) as AuditEvent);
      const key = event && requestIn(event);
      if (key === undefined) continue;
      counts[key] = (counts[key] ?? 0) + 1;
      lastAt = Math.max(lastAt, Date.parse(event?.stageTimestamp ?? "") - performance.timeOrigin);
    }
    return { ...counts };
  };
  const untilQuiet = async (quietMs: number, timeoutMs: number) => {
    const started = performance.now();
    await read();
    while (performance.now() - Math.max(started, lastAt) < quietMs && performance.now() - started < timeoutMs) {
      await pause(everyMs);
      await read();
    }
    return lastAt;
  };
  return { read, untilQuiet };
}

/** A line whose end is not written yet is left to the next reading. */
async function wholeLinesFrom(path: string, offset: number): Promise<Buffer> {
  await using file = await open(path);
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, size - offset));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  return buffer.subarray(0, buffer.lastIndexOf("\n", bytesRead - 1) + 1);
}

function requestIn({ stage, verb, userAgent = "", objectRef, requestURI }: AuditEvent): string | undefined {
  if (others.test(userAgent) || stage !== (verb === "watch" ? "ResponseStarted" : "ResponseComplete")) return undefined;
  const dryRun = requestURI.includes("dryRun=All") ? " (dry run)" : "";
  const resource = [objectRef?.resource, objectRef?.subresource].filter(Boolean).join("/") || "discovery";
  return `${verb} ${resource}${dryRun}`;
}
