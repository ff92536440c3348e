import { lookup as resolve } from "node:dns";
import { lookup } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import { buildConnector } from "undici";

/** The addresses that are not contacted for those who choose where a request goes: whom they name, or whom a redirect names. */
export interface AddressGuard {
  /** The addresses to which no connection is made at a port. */
  denied: (port: number) => BlockList;
  /** This process listens at the port: it is not contacted at any address of this machine. */
  addOwnPort: (port: number) => void;
}

export class DeniedAddress extends Error {
  readonly code = "ERR_ADDRESS_DENIED";
  constructor() {
    super("connections to this address are denied by --denied-networks");
    this.name = "DeniedAddress";
  }
}

const thisMachine = ["0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128"];

/**
 * @param networks such as `169.254.0.0/16`
 * @param ownPorts ports at which this process listens
 */
export function createAddressGuard(networks: readonly string[], ownPorts = new Set<number>()): AddressGuard {
  const ownAddresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
  const denied = blockListOf(networks);
  const deniedAtOwnPorts = blockListOf([...networks, ...thisMachine, ...ownAddresses]);
  return {
    denied: (port) => (ownPorts.has(port) ? deniedAtOwnPorts : denied),
    addOwnPort: (port) => void ownPorts.add(port),
  };
}

/** Whether text is an address with or without the length of a prefix. */
export function isNetwork(text: string): boolean {
  const [address = "", length] = text.split("/");
  const version = isIP(address);
  return version !== 0 && (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bitsOf(version)));
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", length] = network.split("/");
    const version = isIP(address);
    list.addSubnet(address, Number(length ?? bitsOf(version)), version === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

function bitsOf(version: number): number {
  return version === 4 ? 32 : 128;
}

/**
 * Connects only to addresses that are not denied. A name is resolved once, and what was checked is what is connected to.
 *
 * @throws DeniedAddress through the callback
 */
export function guardedConnector(guard: AddressGuard, options: buildConnector.BuildOptions): buildConnector.connector {
  const connectors = new Map<BlockList, buildConnector.connector>();
  return (target, callback) => {
    const denied = guard.denied(portOf(target));
    if (isDenied(denied, target.hostname)) {
      callback(new DeniedAddress(), null);
      return;
    }
    const build = () => buildConnector({ ...options, lookup: guardedLookup(denied) });
    connectors.getOrInsertComputed(denied, build)(target, callback);
  };
}

/** Resolves names to addresses that are not denied. */
export function guardedLookup(denied: BlockList): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, []);
        return;
      }
      const permitted = addresses.filter(({ address }) => !isDenied(denied, address));
      const [first] = permitted;
      if (first === undefined) callback(new DeniedAddress(), []);
      else if (options.all) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };
}

/** @throws DeniedAddress for a URL whose host is a denied address; a name is not resolved */
export function requirePermitted(guard: AddressGuard, url: URL): void {
  if (isDenied(guard.denied(portOf(url)), url.hostname)) throw new DeniedAddress();
}

/**
 * The addresses of a URL's host that are not denied, for a program that connects by itself; none for a host that is an address.
 *
 * @throws DeniedAddress if there is none; the error of the lookup
 */
export async function permittedAddresses(guard: AddressGuard, url: URL): Promise<string[]> {
  requirePermitted(guard, url);
  if (isIP(bare(url.hostname)) !== 0) return [];
  const addresses = await lookup(url.hostname, { all: true });
  const permitted = addresses.filter(({ address }) => !isDenied(guard.denied(portOf(url)), address));
  if (permitted.length === 0) throw new DeniedAddress();
  return permitted.map(({ address }) => address);
}

const defaultPorts: Record<string, number> = { "https:": 443, "http:": 80, "socks5:": 1080, "socks5h:": 1080 };

export function portOf({ port, protocol }: { port: string; protocol: string }): number {
  return port === "" ? (defaultPorts[protocol] ?? 0) : Number(port);
}

function isDenied(denied: BlockList, host: string): boolean {
  const address = bare(host);
  const version = isIP(address);
  return version !== 0 && denied.check(address, version === 4 ? "ipv4" : "ipv6");
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}
