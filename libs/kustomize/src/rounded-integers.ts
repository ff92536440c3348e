import type { KubeObject } from "@leat/api";
import { longIntegersIn } from "@leat/json";
import { turns } from "@leat/text";
import type { FileToBuild } from "./files-to-build.ts";
import { isMap } from "./fields.ts";
import type { BuiltObject } from "./objects.ts";
import { Rejection } from "./rejection.ts";

/**
 * Rejects integers that kustomize has rounded: in objects that it applies JSON patches to, and those of more than 64 bits, it reads
 * them as floating point numbers.
 *
 * @param files what the objects were built of
 * @throws Rejection
 */
export async function rejectRoundedIntegers(
  objects: readonly BuiltObject[],
  files: readonly FileToBuild[],
  signal: AbortSignal,
): Promise<void> {
  const turn = turns(signal);
  const withIntegers: FileToBuild[] = [];
  for (const file of files) {
    if (integersIn(file).next().done !== true) withIntegers.push(file);
    await turn();
  }
  if (withIntegers.length === 0) return;
  const suspects = new Map<number, Suspect>();
  for (const built of objects) {
    collectSuspects(built.object, "", { built, suspects });
    await turn();
  }
  if (suspects.size === 0) return;
  for (const file of withIntegers) {
    for (const digits of integersIn(file)) {
      const suspect = suspects.get(Number(digits)) ?? suspects.get(-Number(digits));
      if (suspect !== undefined && String(Math.abs(suspect.value)) !== digits) throw rejectionOf(suspect, digits);
      await turn();
    }
  }
}

/** Digits of the integers in a file that a number may not hold. */
function integersIn({ content }: FileToBuild): Generator<string> {
  return longIntegersIn(content.toString("latin1"));
}

interface Suspect {
  value: number;
  field: string;
  built: BuiltObject;
}

interface Search {
  built: BuiltObject;
  suspects: Map<number, Suspect>;
}

function collectSuspects(value: unknown, field: string, search: Search): void {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    search.suspects.getOrInsert(value, { value, field, built: search.built });
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => collectSuspects(item, `${field}[${index}]`, search));
  } else if (isMap(value)) {
    for (const [name, member] of Object.entries(value)) {
      collectSuspects(member, field === "" ? name : `${field}.${name}`, search);
    }
  }
}

function rejectionOf({ value, field, built: { object, file } }: Suspect, digits: string): Rejection {
  const sign = value < 0 ? "-" : "";
  const place = [file, nameOf(object)].filter((part) => part !== undefined).join(": ");
  const cause = has64Bits(digits)
    ? "because a JSON patch is applied to the object; use a strategic merge patch instead"
    : "because it has more than 64 bits; quote it if it is not a number";
  return new Rejection(`${place}: kustomize rounds ${field} from ${sign}${digits} to ${value}, ${cause}`);
}

function has64Bits(digits: string): boolean {
  return digits.length <= maxDigits && BigInt(digits) < 2n ** 64n;
}

/** Of an integer of 64 bits. */
const maxDigits = 20;

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}
