import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/** Variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** URL of the proxy for a request to `url`, with the proxy's credentials; `undefined` for a direct connection. */
export type Proxies = (url: URL) => string | undefined;

const variables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] as const;
type Variable = (typeof variables)[number];

/**
 * The proxies that the environment names. The rules are those of Go's `golang.org/x/net/http/httpproxy`: upper case wins over
 * lower case, loopback is reached directly, and `NO_PROXY` lists domains with their subdomains (`example.com`), subdomains alone
 * (`.example.com`, `*.example.com`), addresses, networks (`10.0.0.0/8`), each but networks with a port if wanted, or `*`. Unlike
 * in Go, the dot at the end of a fully qualified name does not count.
 *
 * @throws Error if a proxy is not an http, https or socks5 URL
 */
export function proxiesOf(env: Environment): Proxies {
  const proxies = new Map([
    ["http:", proxyIn(env, "HTTP_PROXY")],
    ["https:", proxyIn(env, "HTTPS_PROXY")],
  ]);
  const isExcluded = exclusions(read(env, "NO_PROXY") ?? "");
  return (url) => {
    const proxy = proxies.get(url.protocol);
    return proxy === undefined || isExcluded(url) ? undefined : proxy;
  };
}

/** The same variables for a child process, in both spellings: not every program knows both. */
export function proxyVariables(env: Environment): Record<string, string> {
  const set = variables.flatMap((name) => {
    const value = read(env, name);
    return value === undefined ? [] : [[name, value] as const, [name.toLowerCase(), value] as const];
  });
  return Object.fromEntries(set);
}

function read(env: Environment, name: Variable): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

function proxyIn(env: Environment, name: Variable): string | undefined {
  const value = read(env, name);
  if (value === undefined) return undefined;
  const url = URL.parse(/^[a-z0-9]+:\/\//i.test(value) ? value : `http://${value}`);
  if (url !== null && url.hostname !== "" && /^(https?|socks5h?):$/.test(url.protocol)) return url.href;
  throw new Error(`the environment variable ${name} is not an http, https or socks5 URL`);
}

interface Target {
  /** In lower case, without brackets and without a dot at the end. */
  host: string;
  port: string;
  family: "ipv4" | "ipv6" | undefined;
}

type Exclusion = (target: Target) => boolean;

function exclusions(noProxy: string): (url: URL) => boolean {
  const rules = noProxy.split(",").flatMap((entry) => exclusionOf(entry.trim().toLowerCase()) ?? []);
  return (url) => {
    const target = targetOf(url);
    return isLoopback(target) || rules.some((excludes) => excludes(target));
  };
}

function targetOf({ protocol, hostname, port }: URL): Target {
  const host = withoutFinalDot(hostname.replace(/^\[|\]$/g, ""));
  return { host, port: port || (protocol === "https:" ? "443" : "80"), family: familyOf(host) };
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLoopback({ host, family }: Target): boolean {
  return family === undefined ? host === "localhost" : loopback.check(host, family);
}

/** The rule of one entry, which is in lower case; `undefined` if it has none. */
function exclusionOf(entry: string): Exclusion | undefined {
  if (entry === "*") return () => true;
  const network = networkOf(entry);
  if (network) return ({ host, family }) => family !== undefined && network.check(host, family);
  const [, name = "", port] = /^(\[.*\]|[^:]*)(?::([^:]*))?$/.exec(entry) ?? ["", entry];
  const host = withoutFinalDot(name.replace(/^\[|\]$/g, ""));
  if (host === "") return undefined;
  const matches = familyOf(host) === undefined ? domainRule(host) : addressRule(host);
  return (target) => (port === undefined || port === "" || port === target.port) && matches(target);
}

function networkOf(entry: string): BlockList | undefined {
  const [, address = "", length = ""] = /^(.*)\/(\d+)$/.exec(entry) ?? [];
  const family = familyOf(address);
  if (family === undefined || Number(length) > (family === "ipv4" ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(length), family);
  return list;
}

function addressRule(address: string): Exclusion {
  const list = new BlockList();
  list.addAddress(address, familyOf(address) ?? "ipv4");
  return ({ host, family }) => family !== undefined && list.check(host, family);
}

function domainRule(name: string): Exclusion {
  const isSuffix = name.startsWith(".") || name.startsWith("*.");
  const plain = name.replace(/^\*?\./, "");
  const domain = domainToASCII(plain) || plain;
  return ({ host, family }) => family === undefined && (host.endsWith(`.${domain}`) || (!isSuffix && host === domain));
}

function familyOf(host: string): Target["family"] {
  const version = isIP(host);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

function withoutFinalDot(host: string): string {
  return host.replace(/\.$/, "");
}
