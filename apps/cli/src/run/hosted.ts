import { type CommonConfig, type Flags, type Hosted, parseFlags, type Program, UsageError } from "@leat/controller";
import { kustomizeController } from "@leat/kustomize-controller";
import { sourceController } from "@leat/source-controller";

/** Every controller by its short name. */
const programs = {
  source: sourceController as unknown as Program,
  kustomize: kustomizeController as unknown as Program,
} satisfies Record<string, Program>;

export type ControllerName = keyof typeof programs;

export const controllerNames = Object.keys(programs) as ControllerName[];

/** @throws UsageError for a name that no controller has, and for an empty list */
export function controllersNamed(list: string): ControllerName[] {
  const names = list.split(",").map((name) => name.trim());
  const isKnown = (name: string): name is ControllerName => name in programs;
  const unknown = names.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `there is no controller ${JSON.stringify(unknown)}, the controllers are: ${controllerNames.join(", ")}`,
    );
  }
  return [...new Set(names.filter(isKnown))];
}

/**
 * Gives every controller the flags that it knows; one that several know goes to all of them.
 *
 * @throws UsageError for a flag that none of them knows, and for a wrong value
 */
export function hostedControllers(
  names: readonly ControllerName[],
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Hosted[] {
  const hosted = names.map((name) => programs[name]);
  const given = parseFlags(flagsOf(names), args, environment);
  return hosted.map((program) => {
    const { featureGates = "", ...others } = given;
    const gates = gatesFor(program, hosted, featureGates);
    const own = Object.entries({ ...others, featureGates: gates }).filter(([key]) => key in program.flags.shape);
    const config: CommonConfig = parseFlags(
      program.flags,
      own.map(([key, value]) => `--${kebab(key)}=${value}`),
      environment,
    );
    return { program, config };
  });
}

/** Settings of gates that the program has, and those of gates that none has, for it to refuse. */
function gatesFor(program: Program, all: readonly Program[], settings: string): string {
  const isOf = (setting: string, { flags }: Program) =>
    Object.hasOwn(Object(flags.shape["featureGates"]?.parse(undefined)), nameOf(setting));
  return settings
    .split(",")
    .filter((setting) => isOf(setting, program) || !all.some((other) => isOf(setting, other)))
    .join(",");
}

function nameOf(setting: string): string {
  return setting.split("=")[0]?.trim() ?? "";
}

/** All flags of the named controllers together. Parsing with them leaves the values as they are written. */
export function flagsOf(names: readonly ControllerName[]): Flags<Record<string, string>> {
  return {
    shape: Object.assign({}, ...names.map((name) => programs[name].flags.shape)) as Flags<unknown>["shape"],
    safeParse: (values) => ({ success: true, data: values as Record<string, string> }),
  };
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
