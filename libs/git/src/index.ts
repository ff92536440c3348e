export { createGit, type Commit, type Fetched, type Git, type GitOptions } from "./git.ts";
export type { RemoteRef } from "./list-refs.ts";
export type { GitCredentials, GitRemote } from "./remote.ts";
export type { Found, GitRef, Resolution } from "./resolve.ts";
export type { TreeEntry, TreeFile } from "./tree.ts";
