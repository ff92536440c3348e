/** What was looked at, and whether it is as it must be. */
export interface Finding {
  about: "cluster" | "CRDs" | "controllers" | "permissions" | "objects";
  /** `warning` is for what works, and may yet surprise somebody. */
  result: "ok" | "warning" | "failure";
  /** What was found; where it is not ok, also what to do. */
  message: string;
}

/** A finding of each kind, about the same thing. */
export function findingsAbout(about: Finding["about"]): Record<Finding["result"], (message: string) => Finding> {
  const finding = (result: Finding["result"]) => (message: string) => ({ about, result, message });
  return { ok: finding("ok"), warning: finding("warning"), failure: finding("failure") };
}
