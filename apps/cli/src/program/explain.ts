import { Fault } from "@leat/api";
import { ApiError } from "@leat/kube";

/** An error, and what to do about it, for the person at the terminal; empty where everything is told already. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return `${error.message}${adviceOn(error)}`;
  if (error instanceof Fault) return explainFault(error);
  return error instanceof Error ? error.message : String(error);
}

function adviceOn({ code }: ApiError): string {
  if (code === 401)
    return "\nThe API server does not accept your credentials: log in again, or choose another --context.";
  if (code === 403) return "\nAsk for that right, or act as somebody who has it: --context, --user, --as.";
  return "";
}

function explainFault({ reason, message, cause }: Fault): string {
  if (reason === "APIServerUnavailable") {
    return `${message}\nIs the cluster up, and is it the one you mean? --context and --kubeconfig choose another.`;
  }
  if (reason === "KubeconfigInvalid" && (cause as { code?: string } | undefined)?.code === "ENOENT") {
    return `${message}: there is no such file.\nGive a --kubeconfig or set KUBECONFIG; \`leat demo\` brings up a cluster to try.`;
  }
  return message;
}
