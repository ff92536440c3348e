import { builtinModules } from "node:module";
import { posix } from "node:path";
import { cycleAmong } from "./cycle.ts";
import type { Package, SourceFile } from "./workspace.ts";

/**
 * Which layers a package of a layer may import from. Arrows point down only: api, base → tool → runtime → controller →
 * controllers → app. Controllers do not import one another: they meet in custom resources.
 */
const mayUse: Record<string, readonly string[]> = {
  api: [],
  base: ["api", "base"],
  tool: ["api", "base", "tool"],
  runtime: ["api", "base", "tool", "runtime"],
  controller: ["api", "base", "tool", "runtime"],
  // The list of all controllers.
  controllers: ["api", "base", "tool", "runtime", "controller"],
  // `leat demo` and `leat cluster` start a control plane, hence testing.
  app: ["api", "base", "tool", "runtime", "controller", "controllers", "testing"],
  testing: ["api", "base", "tool", "runtime", "controller", "controllers", "app", "testing"],
};

/** Layers that any package's tests may use besides their own. */
const testsMayUse = ["testing"];

/** The root of the repository holds tools that no package imports. */
const rootLayer = "testing";

const builtins = new Set(builtinModules);

/** Everything in which packages break the rules, one sentence each, with both ends named. */
export function violationsIn(packages: readonly Package[]): string[] {
  const byName = new Map(packages.map((each) => [each.name, each]));
  const found = packages.flatMap((from) => [
    ...layerViolations(from),
    ...manifestViolations(from, byName),
    ...from.files.flatMap((file) => file.imports.flatMap((to) => importViolations({ from, file, to, byName }))),
  ]);
  return [...new Set([...found, ...cycleViolations(packages, byName)])];
}

function layerViolations(from: Package): string[] {
  const [layer, ...others] = layersOf(from);
  if (layer === undefined) return [`${from.name} has no tag "layer:…" in its package.json`];
  if (others.length > 0) return [`${from.name} has more than one layer: ${layersOf(from).join(", ")}`];
  return layer in mayUse ? [] : [`${from.name} has the layer ${layer}, which does not exist`];
}

/** What a manifest lists counts, also where no file imports it. */
function manifestViolations(from: Package, byName: ReadonlyMap<string, Package>): string[] {
  const toRun = from.dependencies.flatMap((name) => pairViolations(from, byName.get(name), false));
  const toTest = from.devDependencies.flatMap((name) => pairViolations(from, byName.get(name), true));
  return [...toRun, ...toTest];
}

interface Import {
  from: Package;
  file: SourceFile;
  to: string;
  byName: ReadonlyMap<string, Package>;
}

function importViolations({ from, file, to, byName }: Import): string[] {
  if (to.startsWith(".")) return relativeViolations(from, file, to);
  if (to.startsWith("node:")) return [];
  if (builtins.has(to)) return [`${file.path} imports ${to}, which must be written node:${to}`];

  const name = packageNameOf(to);
  const target = byName.get(name);
  const inTest = isTest(from, file);
  if (target !== undefined && !target.entries.includes(to))
    return [`${file.path} reaches into ${name}: it imports ${to}`];
  if (name === from.name) return [`${file.path} imports its own package ${name}`];
  return [...declarationViolations({ from, file, name, inTest }), ...pairViolations(from, target, inTest)];
}

function relativeViolations(from: Package, file: SourceFile, to: string): string[] {
  const path = posix.join(posix.dirname(file.path), to);
  const owner = from.directory === "" ? "tools/" : `${from.directory}/`;
  return path.startsWith(owner) ? [] : [`${file.path} (${from.name}) leaves its package: it imports ${to}`];
}

interface Declaration {
  from: Package;
  file: SourceFile;
  name: string;
  inTest: boolean;
}

function declarationViolations({ from, file, name, inTest }: Declaration): string[] {
  if (from.dependencies.includes(name)) return [];
  if (inTest && from.devDependencies.includes(name)) return [];
  const where = inTest ? "dependencies nor devDependencies" : "dependencies";
  return [`${file.path} imports ${name}, which is not in the ${where} of ${from.name}`];
}

function pairViolations(from: Package, to: Package | undefined, inTest: boolean): string[] {
  const [fromLayer] = layersOf(from);
  if (to === undefined || fromLayer === undefined) return [];
  const [toLayer = "none"] = layersOf(to);
  const allowed = [...(mayUse[fromLayer] ?? []), ...(inTest ? testsMayUse : [])];
  return allowed.includes(toLayer)
    ? []
    : [`${from.name} (layer:${fromLayer}) must not use ${to.name} (layer:${toLayer})`];
}

/** Packages that need one another to run; tests may point upwards. */
function cycleViolations(packages: readonly Package[], byName: ReadonlyMap<string, Package>): string[] {
  const edges = new Map(
    packages.map(({ name, dependencies }) => [name, dependencies.filter((each) => byName.has(each))]),
  );
  const cycle = cycleAmong(edges);
  return cycle === undefined ? [] : [`packages import one another in a circle: ${cycle.join(" → ")}`];
}

function layersOf({ directory, layers }: Package): readonly string[] {
  return directory === "" ? [rootLayer] : layers;
}

/** Tests, what is in a folder `test` or `fixtures` for them, and the root's tools, which are never part of what runs. */
function isTest(from: Package, file: SourceFile): boolean {
  if (from.directory === "" || layersOf(from).includes("testing")) return true;
  if (file.path.endsWith(".test.ts") || file.path.startsWith(`${from.directory}/test/`)) return true;
  return file.path.includes("/fixtures/");
}

function packageNameOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
