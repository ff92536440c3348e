import type { Terminal } from "../terminal/terminal.ts";
import { repositoryName, steeringNamespace } from "./declarations.ts";
import { namespaceOf } from "./sample-repository.ts";

export interface Invited {
  kubeconfig: string;
  /** Directory with kubectl. */
  tools: string;
  cloneUrl: string;
  logFile: string;
  terminal: Terminal;
}

/** What to do with what is still running, line by line. */
export function invitation({ kubeconfig, tools, cloneUrl, logFile, terminal }: Invited): string[] {
  const { style } = terminal;
  const title = (text: string) => style("bold", text);
  const command = (text: string) => `     ${style("cyan", text)}`;
  const dev = namespaceOf("dev");
  const production = namespaceOf("production");
  return [
    "",
    title("It is yours now, until Ctrl-C"),
    `   cluster      export KUBECONFIG=${kubeconfig}`,
    `   kubectl      export PATH=${tools}:$PATH`,
    `   repository   ${cloneUrl}`,
    `   log          ${logFile}`,
    "",
    title("Three things to try"),
    "   1  Change something in Git, and see it arrive within ten seconds:",
    command(`git clone ${cloneUrl} && cd ${repositoryName}`),
    command(`sed -i.before 's/Good morning/Good evening/' shop/base/settings.yaml`),
    command(`git commit -am "Greet in the evening" && git push`),
    command(`kubectl -n ${dev} get configmap shop-settings -o yaml -w`),
    "   2  Delete something by hand, and see it come back:",
    command(`kubectl -n ${production} delete service shop; sleep 1; kubectl -n ${production} get service shop`),
    "   3  See what the controllers say of their work:",
    command(`kubectl -n ${steeringNamespace} get gitrepositories,kustomizations`),
    command(`kubectl -n ${steeringNamespace} get events --sort-by=.lastTimestamp`),
    "",
  ];
}
