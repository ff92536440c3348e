import { type CommonConfig, type Flags, type Hosted, parseFlags, type Program, UsageError } from "@leat/controller";
import { type Controller, controllers } from "@leat/controllers";

/** @throws UsageError for a name that no controller has, and for an empty list */
export function controllersNamed(list: string): Controller[] {
  const named = list.split(",").map((name) => controllerNamed(name.trim()));
  return [...new Set(named)];
}

function controllerNamed(name: string): Controller {
  const controller = controllers.find(({ key }) => key === name);
  if (controller !== undefined) return controller;
  const keys = controllers.map(({ key }) => key).join(", ");
  throw new UsageError(`unknown controller ${JSON.stringify(name)}; available: ${keys}`);
}

export function load(named: readonly Controller[]): Promise<Program[]> {
  return Promise.all(named.map((controller) => controller.load()));
}

/**
 * Gives every controller the flags that it knows; one that several know goes to all of them.
 *
 * @throws UsageError for a flag that none of them knows, and for a wrong value
 */
export function hostedPrograms(
  programs: readonly Program[],
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Hosted[] {
  const given = parseFlags(flagsOf(programs), args, environment);
  return programs.map((program) => {
    const { featureGates = "", ...others } = given;
    const gates = gatesFor(program, programs, featureGates);
    const own = Object.entries({ ...others, featureGates: gates }).filter(([key]) => key in program.flags.shape);
    const config: CommonConfig = parseFlags(
      program.flags,
      own.map(([key, value]) => `--${kebab(key)}=${value}`),
      environment,
    );
    return { program, config };
  });
}

/** Settings of gates that the program has, and those of gates that none has, for it to reject. */
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

/** All flags of the programs together. Parsing with them leaves the values as they are written. */
function flagsOf(programs: readonly Program[]): Flags<Record<string, string>> {
  return {
    shape: Object.assign({}, ...programs.map(({ flags }) => flags.shape)) as Flags<unknown>["shape"],
    safeParse: (values) => ({ success: true, data: values as Record<string, string> }),
  };
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
