import { isIP } from "node:net";
import { type buildConnector, Pool, ProxyAgent } from "undici";

/** Requests by way of an HTTP or HTTPS proxy, which may be named by its address. */
export function createProxyAgent(options: ProxyAgent.Options): ProxyAgent {
  return new ProxyAgent({
    ...options,
    clientFactory: (origin, { connect }: { connect: buildConnector.connector }) =>
      new Pool(origin, { connect: withoutAddressAsName(connect) }),
  });
}

/** undici names an HTTPS proxy by its host, but TLS allows no address as a server name (RFC 6066, section 3). */
function withoutAddressAsName(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const { servername = "" } = options;
    const isAddress = isIP(servername.replace(/^\[|\]$/g, "")) !== 0;
    connect(isAddress ? { ...options, servername: "" } : options, callback);
  };
}
