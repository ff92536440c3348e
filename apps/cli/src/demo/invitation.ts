import type { Terminal } from "../terminal/terminal.ts";
import { repositoryName, steeringNamespace } from "./declarations.ts";
import { namespaceOf } from "./sample-repository.ts";

export interface Invited {
  kubeconfig: string;
  /** Directories of kubectl and kustomize, for the `PATH`. */
  searchPath: string;
  cloneUrl: string;
  logFile: string;
  terminal: Terminal;
}

/** What to do with what is still running, line by line. */
export function invitation({ kubeconfig, searchPath, cloneUrl, logFile, terminal }: Invited): string[] {
  const { style } = terminal;
  const title = (text: string) => style("bold", text);
  const command = (text: string) => `     ${style("cyan", text)}`;
  const dev = namespaceOf("dev");
  const production = namespaceOf("production");
  return [
    "",
    title("The cluster keeps running until Ctrl-C"),
    `   cluster      export KUBECONFIG=${kubeconfig}`,
    `   programs     export PATH=${searchPath}:$PATH`,
    `   repository   ${cloneUrl}`,
    `   log          ${logFile}`,
    "",
    title("Things to try"),
    "   1  Commit a change, and see it in the cluster within ten seconds:",
    command(`git clone ${cloneUrl} && cd ${repositoryName}`),
    command(`sed -i.before 's/Good morning/Good evening/' shop/base/settings.yaml`),
    command(`git commit -am "Greet in the evening" && git push`),
    command(`kubectl -n ${dev} get configmap shop-settings -o yaml -w`),
    "   2  Delete an object by hand, and see it recreated:",
    command(`kubectl -n ${production} delete service shop; sleep 1; kubectl -n ${production} get service shop`),
    "   3  Look at the status and the events:",
    command(`kubectl -n ${steeringNamespace} get gitrepositories,kustomizations`),
    command(`kubectl -n ${steeringNamespace} get events --sort-by=.lastTimestamp`),
    "",
  ];
}
