/**
 * `npm run check`: everything that must hold before a push and does not need a cluster. Names of steps as arguments run
 * only those (`npm run check -- lint typecheck`). Exit code 1 where a step fails.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { run } from "@leat/process";

interface Step {
  name: string;
  /** Program of node_modules/.bin, and its arguments. */
  command: readonly [program: string, ...args: string[]];
  /** How somebody mends it, where a command does. */
  remedy?: string;
}

interface Checked {
  step: Step;
  passed: boolean;
  ms: number;
  output: string;
}

const root = join(import.meta.dirname, "..");
const stepTimeoutMs = 5 * 60_000;
const maxShownLines = 200;

// The longest first, so that the rest fits beside them.
const steps: readonly Step[] = [
  { name: "lint", command: ["oxlint", "--deny-warnings"] },
  { name: "typecheck", command: ["tsc", "--project", "."] },
  { name: "unused code", command: ["knip", "--no-progress", "--no-config-hints"] },
  { name: "architecture", command: ["node", "--test", "--test-reporter=dot", "test/architecture.test.ts"] },
  { name: "generated files", command: ["node", "tools/generate.ts", "--check"], remedy: "npm run generate" },
  { name: "format", command: ["oxfmt", "--check", "."], remedy: "npm run format" },
];

process.exitCode = await checkAll(select(process.argv.slice(2)));

async function checkAll(selected: readonly Step[]): Promise<number> {
  const startedAt = performance.now();
  const waiting = [...selected];
  const failed: Checked[] = [];
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const checked = await check(step);
      console.log(line(checked));
      if (!checked.passed) failed.push(checked);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));

  for (const checked of failed) console.log(details(checked));
  const names = failed.map(({ step }) => step.name).join(", ");
  const verdict = failed.length === 0 ? "All checks passed" : `Failed: ${names}`;
  console.log(`\n${verdict} (${seconds(performance.now() - startedAt)})`);
  return failed.length === 0 ? 0 : 1;
}

async function check(step: Step): Promise<Checked> {
  const startedAt = performance.now();
  const [program, ...args] = step.command;
  const finished = await run(join(root, "node_modules/.bin", program), args, {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? root, FORCE_COLOR: "0", NO_COLOR: "1" },
    timeoutMs: stepTimeoutMs,
  });
  const output = `${finished.stdout.toString()}${finished.stderr}`.trim();
  return { step, passed: finished.exitCode === 0, ms: performance.now() - startedAt, output };
}

function line({ step, passed, ms }: Checked): string {
  const mark = passed ? styleText("green", "✓") : styleText("red", "✗");
  return `${mark} ${step.name.padEnd(16)} ${seconds(ms).padStart(7)}`;
}

function details({ step, output }: Checked): string {
  const lines = output.split("\n");
  const left = lines.length - maxShownLines;
  const shown = left > 0 ? [`… ${left} lines left out`, ...lines.slice(left)] : lines;
  const remedy = step.remedy === undefined ? [] : [`→ ${step.remedy}`];
  return ["", styleText("bold", `${step.name}: ${step.command.join(" ")}`), ...shown, ...remedy].join("\n");
}

function select(names: readonly string[]): readonly Step[] {
  const known = steps.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`There is no step "${unknown}". The steps are: ${known.join(", ")}.`);
    process.exit(2);
  }
  return names.length === 0 ? steps : steps.filter(({ name }) => names.includes(name));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
