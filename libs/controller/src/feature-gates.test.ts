import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as z from "zod";
import { commonFlags } from "./common-flags.ts";
import { parseFlags, UsageError } from "./parse-flags.ts";

const featureGates = { OneThing: false, AnotherThing: true };
const flags = z.object(commonFlags({ concurrent: 1, featureGates }));

suite("feature gates", () => {
  const rows: Array<[given: string, gates: object]> = [
    ["", { OneThing: false, AnotherThing: true }],
    ["OneThing=true", { OneThing: true, AnotherThing: true }],
    ["OneThing=true,AnotherThing=false", { OneThing: true, AnotherThing: false }],
    [" OneThing=true, AnotherThing=false,", { OneThing: true, AnotherThing: false }],
    ["OneThing=true,OneThing=false", { OneThing: false, AnotherThing: true }],
  ];
  for (const [given, gates] of rows) {
    test(`${given || "nothing"} → ${JSON.stringify(gates)}`, () =>
      assert.deepEqual(parseFlags(flags, [`--feature-gates=${given}`], {}).featureGates, gates));
  }

  const wrong: Array<[given: string, message: RegExp]> = [
    ["OneThnig=true", /^--feature-gates: unknown feature gate OneThnig, did you mean OneThing\?$/],
    ["toString=true", /^--feature-gates: unknown feature gate toString$/],
    ["OneThing", /^--feature-gates: expected OneThing=true or OneThing=false$/],
    ["OneThing=yes", /^--feature-gates: expected OneThing=true or OneThing=false$/],
  ];
  for (const [given, message] of wrong) {
    test(`${given} is rejected`, () =>
      assert.throws(
        () => parseFlags(flags, [`--feature-gates=${given}`], {}),
        (error) => error instanceof UsageError && message.test(error.message),
      ));
  }
});
