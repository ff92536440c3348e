import { testingConfig } from "../config.ts";
import { ownedEnvironment } from "../server/owner.ts";

/** Environment for git that no configuration of the machine or of the user gets into. */
export function gitEnvironment(): Record<string, string> {
  return {
    ...ownedEnvironment(),
    PATH: testingConfig().path,
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    LC_ALL: "C",
  };
}
