import * as z from "zod";
import { suggestion } from "./suggestion.ts";

/** A zod object over the flags of a program. Keys are camelCase, flags kebab-case. */
export interface Flags<Config> {
  shape: Record<string, z.ZodType>;
  safeParse: (values: unknown) => { success: true; data: Config } | { success: false; error: z.ZodError };
}

/** The command line cannot be understood; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads `--kebab-case=value`, `--kebab-case value` and, for switches, a bare `--kebab-case`. A flag that is not given is
 * taken from the environment variable of its name (`RUNTIME_NAMESPACE`), then from its default.
 *
 * @throws UsageError for an unknown flag (naming the nearest known one), a missing or a wrong value
 */
export function parseFlags<Config>(flags: Flags<Config>, args: readonly string[], env: NodeJS.ProcessEnv): Config {
  const keys = new Map(Object.keys(flags.shape).map((key) => [kebab(key), key]));
  const values: Record<string, string> = {};
  for (const key of keys.values()) {
    const value = env[kebab(key).replaceAll("-", "_").toUpperCase()];
    if (value !== undefined && fromEnvironment.has(key)) values[key] = value;
  }
  for (let index = 0; index < args.length; index++) {
    const { name, value } = splitFlag(args[index] ?? "");
    const key = keys.get(name);
    if (key === undefined) throw unknownFlag(name, [...keys.keys()]);
    values[key] = value ?? (takesValue(args[index + 1]) ? String(args[++index]) : "true");
  }
  const parsed = flags.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `--${kebab(String(path[0]))}: ${message}`);
  throw new UsageError(problems.join("\n"));
}

/** The flags with their defaults and meaning, one line each. */
export function usage(program: string, flags: Flags<unknown>): string {
  const lines = Object.entries(flags.shape).map(
    ([key, schema]) => `  --${kebab(key).padEnd(32)} ${schema.description ?? ""}${defaultOf(schema)}`,
  );
  return `Usage: ${program} [flags]\n\nFlags:\n${lines.join("\n")}\n`;
}

/** As it is written on the command line. */
function defaultOf(schema: z.ZodType): string {
  const { default: value = "" } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return value === "" ? "" : ` (default ${String(value)})`;
}

/** Only what a pod's manifest sets by the downward API comes from the environment: a flag should be seen on the command line. */
const fromEnvironment = new Set(["runtimeNamespace"]);

function splitFlag(argument: string): { name: string; value: string | undefined } {
  const match = /^--?([A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$/s.exec(argument);
  if (!match?.[1])
    throw new UsageError(`unexpected argument ${JSON.stringify(argument)}: flags are written as --name=value`);
  return { name: match[1], value: match[2] };
}

function unknownFlag(name: string, known: readonly string[]): UsageError {
  const flags = known.map((each) => `--${each}`);
  return new UsageError(`unknown flag --${name}${suggestion(`--${name}`, flags)}`);
}

function takesValue(next: string | undefined): boolean {
  return next !== undefined && !next.startsWith("-");
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
