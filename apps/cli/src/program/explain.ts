import { Fault } from "@leat/api";
import { ApiError } from "@leat/kube";

/** An error, and what to do about it, for the person at the terminal; empty where everything is told already. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return `${error.message}${adviceOn(error)}`;
  if (error instanceof Fault) return explainFault(error);
  return error instanceof Error ? error.message : String(error);
}

function adviceOn({ code }: ApiError): string {
  if (code === 401) return "\nThe API server rejects your credentials: log in again, or use another --context.";
  if (code === 403) return "\nAsk for this permission, or use another identity: --context, --user, --as.";
  return "";
}

function explainFault({ reason, message, cause }: Fault): string {
  if (reason === "APIServerUnavailable") {
    return `${message}\nIs the cluster running, and is it the right one? --context and --kubeconfig select another.`;
  }
  if (reason === "KubeconfigInvalid" && (cause as { code?: string } | undefined)?.code === "ENOENT") {
    return `${message}: no such file.\nUse --kubeconfig or set KUBECONFIG; \`leat demo\` starts a local cluster.`;
  }
  return message;
}
