import type { GitRepository, GitRepositoryStatus } from "@leat/api";
import type { OutcomeDetails } from "@leat/controller";

/** Why no run can succeed before the spec changes. */
export interface SpecProblem {
  reason: "URLInvalid" | "UnsupportedField";
  message: string;
  facts: OutcomeDetails<GitRepositoryStatus>;
}

/** What is wrong with a spec in itself; `undefined` where nothing is. */
export function specProblem(spec: GitRepository["spec"]): SpecProblem | undefined {
  const url = URL.parse(spec.url);
  if (url === null || url.hostname === "") {
    const message = "spec.url is not a valid repository URL (example: https://git.example/team/app)";
    const facts = { conditions: { FetchFailed: { status: "True", reason: "URLInvalid", message } as const } };
    return { reason: "URLInvalid", message, facts };
  }
  const field = unsupportedField(spec, url);
  if (field === undefined) return undefined;
  const message = `${field} is not supported by this version of the source controller`;
  return { reason: "UnsupportedField", message, facts: {} };
}

function unsupportedField(spec: GitRepository["spec"], url: URL): string | undefined {
  if (url.protocol === "ssh:") return "an ssh:// URL in spec.url";
  if (spec.provider !== undefined && spec.provider !== "generic") return `spec.provider ${spec.provider}`;
  if (spec.serviceAccountName) return "spec.serviceAccountName";
  if (spec.verify) return "spec.verify";
  if (spec.recurseSubmodules) return "spec.recurseSubmodules";
  if (spec.include?.length) return "spec.include";
  return spec.sparseCheckout?.length ? "spec.sparseCheckout" : undefined;
}
