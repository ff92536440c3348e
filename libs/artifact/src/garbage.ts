import { lstat, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Artifact } from "@leat/api";

export interface Garbage {
  /** Where one object's files lie. */
  directory: string;
  current: Artifact | undefined;
  retentionTtlMs: number;
  /** The current file is one of them. */
  retentionRecords: number;
}

/** More files than this are looked at in the next run. */
const maxFiles = 1000;

/** Removes what is neither current nor young nor among the newest. @returns the paths of what was removed */
export async function collectFiles(garbage: Garbage): Promise<string[]> {
  const files = await filesOf(garbage.directory);
  const current = garbage.current && basename(garbage.current.path);
  const outdated = files.filter(({ name }) => name !== current).toSorted((a, b) => b.modifiedMs - a.modifiedMs);
  const keptRecords = Math.max(0, garbage.retentionRecords - 1);
  const oldest = Date.now() - garbage.retentionTtlMs;
  const removed = outdated.filter(({ modifiedMs }, index) => index >= keptRecords || modifiedMs < oldest);
  const paths = removed.map(({ name }) => join(garbage.directory, name));
  await Promise.all(paths.map((path) => rm(path, { force: true })));
  return paths;
}

interface StoredFile {
  name: string;
  modifiedMs: number;
}

async function filesOf(directory: string): Promise<StoredFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = await Promise.all(names.slice(0, maxFiles).map((name) => fileAt(directory, name)));
  return files.filter((file) => file !== undefined);
}

async function fileAt(directory: string, name: string): Promise<StoredFile | undefined> {
  const { mtimeMs, isFile } = await lstat(join(directory, name)).then((stats) => ({
    mtimeMs: stats.mtimeMs,
    isFile: stats.isFile(),
  }));
  return isFile ? { name, modifiedMs: mtimeMs } : undefined;
}
