import { type Command, Option } from "commander";

/** What every command that concerns the installation may be told. */
export interface InstallationOptions {
  release: string;
  helmBinary: string;
}

/** Where it goes unless `-n` or LEAT_NAMESPACE names another place: not to wherever the kubeconfig's context happens to be. */
const usualNamespace = "flux-system";

export function takingInstallation<Taker extends Command>(command: Taker): Taker {
  const options = [
    new Option("--release <name>", "name of the Helm release").default("leat"),
    new Option("--helm-binary <path>", "path of helm").default("helm"),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

export function installationNamespace(
  { namespace }: { namespace?: string },
  { LEAT_NAMESPACE }: NodeJS.ProcessEnv,
): string {
  return namespace ?? (LEAT_NAMESPACE || usualNamespace);
}
