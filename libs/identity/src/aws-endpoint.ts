import type { Environment } from "@leat/http";
import { withoutTrailing } from "@leat/text";

/** Where a service of AWS answers for a region: what the environment says, else the address of AWS itself. */
export function awsEndpoint(service: "eks" | "sts", region: string, env: Environment): string {
  const isSet = env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] !== "true";
  const own = isSet && (env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env["AWS_ENDPOINT_URL"]);
  return own ? withoutTrailing(own, "/") : `https://${service}.${region}.${domainOf(region)}`;
}

function domainOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
