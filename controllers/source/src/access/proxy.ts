import type { ConfigData } from "@leat/kube";
import { type Denied, isDenied, textsIn } from "./read-settings.ts";

const longestAddress = 2048;

/** The URL of a proxy, with its `username` and `password`, from a Secret of `spec.proxySecretRef`. */
export function proxyIn(secret: ConfigData): { proxy: string } | Denied {
  const texts = textsIn(secret, ["address", "username", "password"]);
  if (isDenied(texts)) return texts;
  const { address, username, password } = texts;
  if (!address) return { why: `${secret.subject} of spec.proxySecretRef has no address` };
  const url = address.length > longestAddress ? null : URL.parse(address);
  if (url === null || !/^(https?|socks5):$/.test(url.protocol)) {
    return { why: `the address in ${secret.subject} of spec.proxySecretRef is not an http, https or socks5 URL` };
  }
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return { proxy: url.href };
}
