import { Fault, Reason } from "@leat/api";

/** @throws Fault where a cloud names a cluster in another way */
export function matchedId(id: string, pattern: RegExp, example: string): readonly string[] {
  const match = pattern.exec(id);
  if (match) return match.slice(1);
  throw new Fault(Reason.KubeconfigInvalid, `its cluster is ${JSON.stringify(id)}: expected ${example}`);
}

/** PEM in Base64, as clouds give it. */
export function pemIn(encoded: string): string {
  return Buffer.from(encoded, "base64").toString();
}

/** @throws Fault where a part of what is needed is missing */
export function complete<Part extends string>(who: string, parts: Record<Part, string>): Record<Part, string> {
  const absent = Object.entries(parts).find(([, value]) => value === "")?.[0];
  if (absent === undefined) return parts;
  throw new Fault(Reason.KubeconfigInvalid, `${who} returned no ${absent} for the cluster: is it ready?`);
}

/** The same address in the same words: only host and port count. */
export function canonical(server: string): string {
  const url = URL.parse(server);
  return url === null ? server : `https://${url.hostname}:${url.port || "443"}`;
}
