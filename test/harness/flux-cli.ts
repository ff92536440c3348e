import { test } from "node:test";
import { run } from "@leat/process";
import { patienceOf, type Scenario } from "./scenario.ts";

/** What a command answered; both texts as a person reads them. */
export interface FluxAnswer {
  exitCode: number;
  stdout: string;
  /** What it told while it worked. */
  stderr: string;
}

const program = process.env["LEAT_FLUX_CLI"];

/** Whether `LEAT_FLUX_CLI` names the `flux` command. */
export const hasFluxCli = program !== undefined;

/** A test with the `flux` command; skipped where nobody says where it is. */
export function testFluxCli(name: string, work: () => Promise<void>): void {
  void test(name, { skip: !hasFluxCli && "LEAT_FLUX_CLI names no flux command" }, work);
}

/** Runs `flux` in the scenario's namespace, as its administrator. */
export async function flux({ harness, namespace }: Scenario, ...args: string[]): Promise<FluxAnswer> {
  if (program === undefined) throw new Error("LEAT_FLUX_CLI names no flux command");
  const timeoutMs = patienceOf(harness);
  const { exitCode, stdout, stderr } = await run(program, ["-n", namespace, `--timeout=${timeoutMs}ms`, ...args], {
    env: { KUBECONFIG: harness.controlPlane.kubeconfig, HOME: harness.directory, PATH: process.env["PATH"] ?? "" },
    cwd: harness.directory,
    timeoutMs: 2 * timeoutMs,
  });
  return { exitCode, stdout: stdout.toString(), stderr };
}

/** @throws Error with all that it said, where it does not end well */
export async function fluxDone(scenario: Scenario, ...args: string[]): Promise<FluxAnswer> {
  const answer = await flux(scenario, ...args);
  if (answer.exitCode === 0) return answer;
  throw new Error(`flux ${args.join(" ")}: exit code ${answer.exitCode}\n${answer.stdout}${answer.stderr}`);
}

/** The rows of the tables in a text, by their cells; cells that are empty at the end are left out. */
export function rowsIn(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.includes("\t"));
  return lines.map((line) =>
    line
      .replace(/\s+$/, "")
      .split("\t")
      .map((cell) => cell.trim()),
  );
}
