import { isDeepStrictEqual } from "node:util";
import { type Compared, type Path, valueAt } from "@leat/apply";
import { hidden, type Mask, mapTexts } from "./mask.ts";

/** One place in an object that differs. Of what is secret it only tells that it does. */
export interface FieldChange {
  /** `spec.template.spec.containers[web].image` */
  path: string;
  /** `undefined` where nothing was. */
  before?: unknown;
  /** `undefined` where nothing will be. */
  after?: unknown;
}

/** @param secrets of the declared object */
export function fieldChanges(
  { current, applied, paths }: Compared,
  mask: Mask,
  secrets: readonly string[],
): FieldChange[] {
  const [shownBefore, shownAfter] = [mask.object(current, secrets), mask.object(applied, secrets)];
  return paths.map((path) => {
    const [before, after] = [valueAt(current, path), valueAt(applied, path)];
    const isTakenAway = isDeepStrictEqual(before, after);
    const shown = { before: valueAt(shownBefore, path), after: valueAt(shownAfter, path) };
    const change = {
      path: mask.text(pathText(after === undefined ? current : applied, path), secrets),
      before: hideBeside(shown.before, after, shown.after),
      after: isTakenAway ? undefined : shown.after,
    };
    return Object.fromEntries(
      Object.entries(change).filter(([, value]) => value !== undefined),
    ) as unknown as FieldChange;
  });
}

/** Where a secret will be, there may be another one now. */
function hideBeside(before: unknown, after: unknown, shownAfter: unknown): unknown {
  if (isDeepStrictEqual(after, shownAfter)) return before;
  const kept = new Set<string>();
  mapTexts(after, (text) => {
    kept.add(text);
    return text;
  });
  return mapTexts(
    before,
    (text) => (kept.has(text) ? text : hidden),
    (key) => key,
  );
}

/** An item of a list is called by its name where it has one. */
function pathText(object: unknown, path: Path): string {
  if (path.length === 0) return "the complete object";
  return path
    .map((step, index) => {
      const whole = valueAt(object, path.slice(0, index));
      if (Array.isArray(whole)) return `[${nameOf(whole[Number(step)]) ?? step}]`;
      return /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `["${step}"]`;
    })
    .join("")
    .replace(/^\./, "");
}

function nameOf(item: unknown): string | undefined {
  const { name } = (item ?? {}) as { name?: unknown };
  return typeof name === "string" ? name : undefined;
}
