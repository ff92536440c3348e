import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gitEnvironment } from "../git/git-environment.ts";
import type { SshKey } from "./ssh-key.ts";

export interface SshdSetting {
  /** Of the configuration and the keys. */
  directory: string;
  hostKeys: readonly SshKey[];
  settings: Readonly<Record<string, string>>;
}

/**
 * Writes the configuration of sshd and its host keys.
 *
 * @returns path of the configuration
 */
export async function writeSshdConfig({ directory, hostKeys, settings }: SshdSetting): Promise<string> {
  const keyFiles = hostKeys.map((_, index) => join(directory, `host-key-${index}`));
  // ssh-keygen makes keys in a format that needs the newline at the end.
  await Promise.all(
    hostKeys.map(({ privateKey }, index) => writeFile(keyFiles[index] ?? "", privateKey, { mode: 0o600 })),
  );
  const lines = [
    // The first value of a setting is the one that counts.
    ...Object.entries(settings).map(([name, value]) => `${name} ${value}`),
    ...keyFiles.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${authorizedKeysFile(directory)}`,
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    // The directory of the test has the rights that matter.
    "StrictModes no",
    "UsePAM no",
    "PermitTTY no",
    "AllowTcpForwarding no",
    // For protocol version 2.
    "AcceptEnv GIT_PROTOCOL",
    `ForceCommand ${gitCommand(directory)}`,
    "LogLevel VERBOSE",
  ];
  const file = join(directory, "sshd_config");
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

export function authorizedKeysFile(directory: string): string {
  return join(directory, "authorized_keys");
}

/** `git shell` fetches and pushes, and rejects everything else. Nothing of the user's own environment gets into it. */
function gitCommand(home: string): string {
  const variables = Object.entries({ ...gitEnvironment(), HOME: home }).map(([name, value]) => `${name}='${value}'`);
  return `exec env -i ${variables.join(" ")} GIT_PROTOCOL="$GIT_PROTOCOL" git shell -c "$SSH_ORIGINAL_COMMAND"`;
}
