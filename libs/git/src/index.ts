/**
 * Git repositories on servers: refs are listed without a process, commits are fetched with the `git` program.
 *
 * - `createGit`: lists refs, resolves a branch, tag, semver range or commit, and fetches commits into a cache on disk.
 * - `Commit`: a fetched commit: its tree, and the contents of its files.
 */
export { createGit, type Commit, type Fetched, type Git, type GitOptions } from "./git.ts";
export type { RemoteRef } from "./list-refs.ts";
export type { GitCredentials, GitRemote } from "./remote.ts";
export type { Found, GitRef, Resolution } from "./resolve.ts";
export type { TreeEntry } from "./tree.ts";
