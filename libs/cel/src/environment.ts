import { Environment } from "@marcbachmann/cel-js";
import { addEncoders } from "./encoders.ts";
import { addOptionals } from "./optionals.ts";
import { addSets } from "./sets.ts";
import { addStrings } from "./strings.ts";
import { addTimes } from "./times.ts";

const limits = {
  maxAstNodes: 5_000,
  maxDepth: 250,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 32,
};

/** All types and functions, and no variables. */
function createEnvironment(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, limits });
  for (const add of [addStrings, addSets, addEncoders, addOptionals, addTimes]) add(environment);
  return environment;
}

const common = createEnvironment();
// Flux checks the types only where it knows the variables; what it takes elsewhere, a mixed list for one, is fine here too.
const open = common.clone({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });

/** The environment in which these variables, each an object, are known; in which any is, where none are named. */
export function environmentWith(variables: readonly string[] | undefined): Environment {
  if (variables === undefined) return open;
  const environment = common.clone();
  for (const name of variables) environment.registerVariable(name, "map");
  return environment;
}
