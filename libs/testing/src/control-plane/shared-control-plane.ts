import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { testingConfig } from "../config.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { type ServiceAccount, writeServiceAccountKubeconfig } from "./service-account.ts";

/**
 * The control plane of this test run, with controller manager, scheduler and two nodes: the one that
 * `LEAT_TEST_KUBECONFIG` names, else one that is started now and shared by all callers in this process. It ends with the
 * run; disposing of it does nothing, and it rejects to stop its API server.
 */
export const sharedControlPlane: () => Promise<ControlPlane> = shared(async () => {
  const { kubeconfig } = testingConfig();
  return kubeconfig === undefined ? borrowed(await startControlPlane({ kwokNodes: 2 })) : joinControlPlane(kubeconfig);
});

function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function borrowed(controlPlane: ControlPlane): ControlPlane {
  return {
    ...controlPlane,
    restartApiServer: reject,
    stopApiServer: reject,
    startApiServer: reject,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function reject(): Promise<never> {
  throw new Error("other tests use this control plane: call startControlPlane() for one that may be stopped");
}

/**
 * A control plane that another process has started; it can neither be stopped nor restarted.
 *
 * @param kubeconfig path of its administrator's
 */
export async function joinControlPlane(kubeconfig: string): Promise<ControlPlane> {
  const connection = readKubeconfig(await readFile(kubeconfig, "utf8"));
  const directory = dirname(kubeconfig);
  return {
    kubeconfig,
    url: connection.url,
    token: connection.token,
    caFile: join(directory, "credentials", "ca.crt"),
    restartApiServer: reject,
    stopApiServer: reject,
    startApiServer: reject,
    kubeconfigFor: (serviceAccount: ServiceAccount) =>
      writeServiceAccountKubeconfig(connection, serviceAccount, directory),
    [Symbol.asyncDispose]: async () => {},
  };
}
