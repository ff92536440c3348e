import { dirname, isAbsolute, join, resolve } from "node:path";
import { Fault } from "@leat/api";

/** A cluster entry of a kubeconfig; files are absolute. */
export interface ClusterEntry {
  server: string;
  caFile?: string;
  caData?: string;
  tlsServerName?: string;
  proxyUrl?: string;
  skipTlsVerify: boolean;
}

/** A program that gives credentials. */
export interface ExecEntry {
  apiVersion?: string;
  command: string;
  args: string[];
  env: Array<{ name: string; value: string }>;
  provideClusterInfo: boolean;
}

/** A user entry of a kubeconfig; files are absolute. */
export interface UserEntry {
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  certFile?: string;
  certData?: string;
  keyFile?: string;
  keyData?: string;
  asUser?: string;
  asGroups: string[];
  exec?: ExecEntry;
  authProvider?: { name: string; config: Record<string, unknown> };
}

/** Which context of a kubeconfig counts, the current one where none is named, and what is used instead of what it says. */
export interface ContextChoice {
  context?: string | undefined;
  /** Name of a cluster entry. */
  cluster?: string | undefined;
  /** Name of a user entry. */
  user?: string | undefined;
  /** URL, in place of the cluster's. */
  server?: string | undefined;
  /** In place of all that the user entry holds. */
  token?: string | undefined;
}

/** What one context of a kubeconfig stands for. */
export interface SelectedContext {
  /** Name of the context, for messages. */
  context: string;
  /** The one that the context names for commands that name none. */
  namespace?: string;
  cluster: ClusterEntry;
  user: UserEntry;
}

type Fields = Readonly<Record<string, unknown>>;

/** What kubeconfigs hold, before a context of it is chosen. */
export interface Kubeconfig {
  /** What it is called in messages: where it comes from. */
  origin: string;
  currentContext: string | undefined;
  clusters: NamedEntries;
  users: NamedEntries;
  contexts: NamedEntries;
}

type NamedEntries = Map<string, { fields: Fields; directory: string }>;

export function emptyKubeconfig(origin: string): Kubeconfig {
  return { origin, currentContext: undefined, clusters: new Map(), users: new Map(), contexts: new Map() };
}

/**
 * Adds what one document holds; what has been named before stays.
 *
 * @param path of the file, which relative paths in it are relative to
 * @throws Fault `KubeconfigInvalid`
 */
export function addDocument(config: Kubeconfig, document: unknown, path: string): void {
  if (!isFields(document)) throw new Fault("KubeconfigInvalid", `${path} is not a kubeconfig: expected a mapping`);
  config.currentContext ||= text(document, "current-context");
  addNamed(config.clusters, document, { list: "clusters", entry: "cluster" }, path);
  addNamed(config.users, document, { list: "users", entry: "user" }, path);
  addNamed(config.contexts, document, { list: "contexts", entry: "context" }, path);
}

/** @throws Fault `KubeconfigInvalid` */
export function selectContext(config: Kubeconfig, choice: ContextChoice = {}): SelectedContext {
  const name = choice.context ?? config.currentContext;
  if (!name) throw new Fault("KubeconfigInvalid", `${config.origin} has no current-context: set a context`);
  const { fields } = entryOf(config, "contexts", name);
  const clusterEntry = entryOf(config, "clusters", choice.cluster ?? text(fields, "cluster") ?? "");
  const cluster = clusterOf(clusterEntry.fields, clusterEntry.directory);
  const namespace = text(fields, "namespace");
  return {
    context: name,
    ...(namespace !== undefined && { namespace }),
    cluster: choice.server === undefined ? cluster : { ...cluster, server: choice.server },
    user: userIn(config, choice, text(fields, "user")),
  };
}

function userIn(config: Kubeconfig, choice: ContextChoice, named: string | undefined): UserEntry {
  if (choice.token !== undefined) return { token: choice.token, asGroups: [] };
  const name = choice.user ?? named;
  if (name === undefined) return userOf({}, "");
  const { fields, directory } = entryOf(config, "users", name);
  return userOf(fields, directory);
}

function addNamed(into: NamedEntries, fields: Fields, keys: { list: string; entry: string }, path: string): void {
  for (const item of list(fields, keys.list)) {
    const name = isFields(item) ? text(item, "name") : undefined;
    if (!isFields(item) || name === undefined || into.has(name)) continue;
    const entry = item[keys.entry];
    into.set(name, { fields: isFields(entry) ? entry : {}, directory: dirname(resolve(path)) });
  }
}

function entryOf(config: Kubeconfig, kind: "clusters" | "users" | "contexts", name: string) {
  const entry = config[kind].get(name);
  if (entry) return entry;
  const known = [...config[kind].keys()].join(", ") || "none";
  throw new Fault(
    "KubeconfigInvalid",
    `${config.origin} has no ${kind.slice(0, -1)} named ${JSON.stringify(name)}; it has: ${known}`,
  );
}

function clusterOf(fields: Fields, directory: string): ClusterEntry {
  return defined({
    server: text(fields, "server") ?? "",
    caFile: file(fields, "certificate-authority", directory),
    caData: text(fields, "certificate-authority-data"),
    tlsServerName: text(fields, "tls-server-name"),
    proxyUrl: text(fields, "proxy-url"),
    skipTlsVerify: fields["insecure-skip-tls-verify"] === true,
  });
}

function userOf(fields: Fields, directory: string): UserEntry {
  const provider = fields["auth-provider"];
  return defined({
    token: text(fields, "token"),
    tokenFile: file(fields, "tokenFile", directory),
    username: text(fields, "username"),
    password: text(fields, "password"),
    certFile: file(fields, "client-certificate", directory),
    certData: text(fields, "client-certificate-data"),
    keyFile: file(fields, "client-key", directory),
    keyData: text(fields, "client-key-data"),
    asUser: text(fields, "as"),
    asGroups: list(fields, "as-groups").map(String),
    exec: isFields(fields["exec"]) ? execOf(fields["exec"], directory) : undefined,
    authProvider: isFields(provider)
      ? { name: text(provider, "name") ?? "", config: { ...fieldsOf(provider, "config") } }
      : undefined,
  });
}

function execOf(fields: Fields, directory: string): ExecEntry {
  const command = text(fields, "command") ?? "";
  return defined({
    apiVersion: text(fields, "apiVersion"),
    // A bare name is looked up in PATH, a path is relative to the kubeconfig.
    command: command.includes("/") && !isAbsolute(command) ? join(directory, command) : command,
    args: list(fields, "args").map(String),
    env: list(fields, "env")
      .filter(isFields)
      .map((entry) => ({ name: text(entry, "name") ?? "", value: text(entry, "value") ?? "" })),
    provideClusterInfo: fields["provideClusterInfo"] === true,
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(fields: Fields, key: string): Fields {
  const value = fields[key];
  return isFields(value) ? value : {};
}

function list(fields: Fields, key: string): unknown[] {
  const value = fields[key];
  return Array.isArray(value) ? value : [];
}

/** A token of digits alone is a number to YAML. */
function text(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return (typeof value === "string" && value !== "") || typeof value === "number" || typeof value === "bigint"
    ? String(value)
    : undefined;
}

function file(fields: Fields, key: string, directory: string): string | undefined {
  const path = text(fields, key);
  return path === undefined ? undefined : resolve(directory, path);
}

type Defined<Entry> = { [Key in keyof Entry as undefined extends Entry[Key] ? never : Key]: Entry[Key] } & {
  [Key in keyof Entry as undefined extends Entry[Key] ? Key : never]?: Exclude<Entry[Key], undefined>;
};

function defined<Entry extends object>(entry: Entry): Defined<Entry> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as Defined<Entry>;
}
