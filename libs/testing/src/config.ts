import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the environment says about the test run. */
export interface TestingConfig {
  /** Kubeconfig of a control plane that is already up: `LEAT_TEST_KUBECONFIG`. */
  kubeconfig: string | undefined;
  /** Path of OpenSSH's server: `LEAT_SSHD`. */
  sshd: string | undefined;
  /** Where programs such as git are looked up. */
  path: string;
  /** The directory that holds the private directories of all test processes of this user. */
  baseDirectory: string;
}

export function testingConfig(environment: NodeJS.ProcessEnv = process.env): TestingConfig {
  return {
    kubeconfig: environment["LEAT_TEST_KUBECONFIG"] || undefined,
    sshd: environment["LEAT_SSHD"] || undefined,
    path: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    baseDirectory: join(tmpdir(), `leat-testing-${process.getuid?.() ?? "user"}`),
  };
}
