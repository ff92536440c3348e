import { join } from "node:path";
import { controllers } from "@leat/controllers";
import { type Service, startService } from "@leat/process";
import { ownedEnvironment } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { repositoryRoot, type StackProcess } from "./stack.ts";

/** What the placeholders of a stack's description stand for, those of `binaries` by their own names. */
export interface Places {
  /** With the rights of the program. */
  kubeconfig: string;
  /** URL that events are posted to. */
  events: string;
  /** A private directory. */
  directory: string;
  /** A free loopback port: the artifact server's. */
  port: string;
  /** Paths of programs of the toolchain, by their names. */
  binaries: Readonly<Record<string, string>>;
}

/** The programs of a stack, by their names. Those that run end when this is disposed of. */
export interface Programs extends AsyncDisposable {
  /** Starts a program that does not run. */
  start: (name: string) => Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop: (name: string) => Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill: (name: string) => Promise<void>;
  pidOf: (name: string) => number | undefined;
}

/** @param args given last, so that they win */
export function createPrograms(
  processes: readonly StackProcess[],
  placesOf: (name: string) => Places,
  args: Readonly<Record<string, readonly string[]>>,
): Programs {
  const running = new Map<string, Service>();
  const end = async (name: string, how: (service: Service) => void) => {
    const service = running.get(name);
    if (!service) return;
    running.delete(name);
    how(service);
    await service.ended;
  };
  return {
    start: async (name) => {
      const described = processes.find((one) => one.name === name);
      if (!described) throw new Error(`the stack has no program ${name}`);
      if (running.has(name)) throw new Error(`${name} runs already`);
      running.set(name, await startProcess(described, placesOf(name), args[name]));
    },
    stop: (name) => end(name, (service) => void service.stop()),
    kill: (name) => end(name, (service) => service.kill("SIGKILL")),
    pidOf: (name) => running.get(name)?.pid,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.values()].map((service) => service.stop()));
    },
  };
}

/** Starts one program of a stack; its output goes to `<directory>/<name>.log`. */
export function startProcess(
  process_: StackProcess,
  places: Places,
  extraArgs: readonly string[] = [],
): Promise<Service> {
  const { binaries, ...others } = places;
  const values: Record<string, string> = { ...binaries, ...others };
  const fill = (text: string) => text.replaceAll(/\{\{([\w-]+)\}\}/g, (_, name: string) => values[name] ?? "");
  const environment = {
    ...inherited(),
    HOME: places.directory,
    TMPDIR: places.directory,
    ...ownedEnvironment(),
  };
  const own = Object.entries(process_.env ?? {}).map(([name, value]) => [name, fill(value)]);
  return startService(fill(process_.program), [...process_.args.map(fill), ...extraArgs], {
    cwd: repositoryRoot,
    env: { ...environment, ...Object.fromEntries(own) },
    logFile: logFileOf(places.directory, process_.name),
  });
}

/** What a child has of the environment of the tests. */
export function inherited(): Record<string, string> {
  const { PATH = "", NODE_COMPILE_CACHE } = process.env;
  return { PATH, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) };
}

export function logFileOf(directory: string, program: string): string {
  return join(directory, `${program}.log`);
}

/** Paths of what Leat's controllers start, by name. */
export async function binariesOfControllers(): Promise<Record<string, string>> {
  const names = new Set(controllers.flatMap(({ binaries }) => Object.values(binaries)));
  const paths = [...names].map(async (name) => [name, await binary(name)] as const);
  return Object.fromEntries(await Promise.all(paths));
}
