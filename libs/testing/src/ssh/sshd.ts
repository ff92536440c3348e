import { access, constants } from "node:fs/promises";
import { testingConfig } from "../config.ts";

/** Where Debian, Fedora and macOS have it. */
const usualPath = "/usr/sbin/sshd";

/**
 * Path of OpenSSH's server: `LEAT_SSHD`, or the usual one.
 *
 * @throws Error that says how to get it
 */
export async function findSshd(): Promise<string> {
  const path = testingConfig().sshd ?? usualPath;
  try {
    await access(path, constants.X_OK);
    return path;
  } catch (cause) {
    const remedy = "install OpenSSH's server (Debian: apt-get install openssh-server), or set LEAT_SSHD=<its path>";
    throw new Error(`${path} is missing: ${remedy}`, { cause });
  }
}

/** Why tests that need OpenSSH's server are skipped; `false` if it is there. */
export async function withoutSshd(): Promise<string | false> {
  try {
    await findSshd();
    return false;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
