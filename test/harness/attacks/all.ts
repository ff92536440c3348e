import { attacksOnBuilds } from "./on-builds.ts";
import { attacksOnRuns } from "./on-runs.ts";
import { attacksOnSources } from "./on-sources.ts";

export const attacks = [...attacksOnSources, ...attacksOnBuilds, ...attacksOnRuns];
