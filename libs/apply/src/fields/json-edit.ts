/** Whether it is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Changes what is at a path and gives the changed whole; only what lies on the path is copied, and nothing is where nothing
 * changed. `*` stands for each element of a list. A path that is not there is no error.
 */
export function edit<Whole>(whole: Whole, path: readonly string[], change: (part: unknown) => unknown): Whole {
  return editPart(whole, path, change) as Whole;
}

function editPart(part: unknown, path: readonly string[], change: (part: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(part);
  if (step === "*") {
    if (!Array.isArray(part)) return part;
    const next = part.map((element) => editPart(element, rest, change));
    return next.every((element, index) => element === part[index]) ? part : next;
  }
  if (!isRecord(part) || !Object.hasOwn(part, step)) return part;
  const next = editPart(part[step], rest, change);
  return next === part[step] ? part : { ...part, [step]: next };
}
