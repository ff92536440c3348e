import { suite, test } from "node:test";
import { RuleTester } from "oxlint/plugins-dev";
import { rules } from "./plugin.ts";

RuleTester.describe = (name, cases) => void suite(name, () => cases());
RuleTester.it = (name, run) => void test(name, () => run());
const tester = new RuleTester({ languageOptions: { parserOptions: { lang: "ts" } } });

type Cases = Parameters<typeof tester.run>[2];

/** The linter's own types know every node of a program; ours only what the rules read. */
function check(name: keyof typeof rules, cases: Cases): void {
  tester.run(name, rules[name] as unknown as Parameters<typeof tester.run>[1], cases);
}

check("linear-patterns", {
  valid: [
    "/^a+b/.test(text)",
    "/a+/g.test(text)",
    "/[0-9]{1,3}$/.test(text)",
    "/^[^=]*=(.*)$/s.test(text)",
    "text.split(`/+$`)",
  ],
  invalid: [
    { code: "/(a+)+$/.test(text)", errors: 1 },
    { code: "/^a*a*b/.test(text)", errors: 1 },
    { code: String.raw`url.replace(/\/+$/, "")`, errors: 1 },
    { code: String.raw`/\s+x/.test(text)`, errors: 1 },
  ],
});

check("listed-exports", {
  valid: [`export { a } from "./a.ts";`],
  invalid: [{ code: `export * from "./a.ts";`, errors: 1 }],
});

check("named-files", {
  valid: [{ code: "", filename: "libs/kube/src/watch.ts" }],
  invalid: [
    { code: "", filename: "libs/kube/src/utils.ts", errors: 1 },
    { code: "", filename: "libs/kube/src/helpers.test.ts", errors: 1 },
  ],
});

check("reasoned-disables", {
  valid: ["// oxlint-disable-next-line no-console -- the command speaks to a person\n", "// says nothing of lint\n"],
  invalid: [{ code: "// oxlint-disable-next-line no-console\n", errors: 1 }],
});

check("static-log-messages", {
  valid: [
    `log.info("applied", { revision });`,
    "run.log.error(`failed`);",
    "other.info(`applied ${revision}`);",
    "log.with({ name });",
  ],
  invalid: [
    { code: "log.info(`applied ${revision}`);", errors: 1 },
    { code: "run.log.error(message);", errors: 1 },
  ],
});

check("vocabulary", {
  valid: [
    `const drift = "corrected";`,
    "// The dry-run of an object that is not there.\n",
    "const masker = maskerOf(values);",
    'const reason = "connection refused";',
    "// It is no longer served, and that is not well-formed.\n",
    "// Every switch on the page.\n",
  ],
  invalid: [
    { code: "const isRehearsed = true;", errors: 1 },
    { code: `throw new Error("the field is put right at once");`, errors: 1 },
    { code: "log.info(`whoever ${name} is`);", errors: 1 },
    { code: "// For what is no duration, and what was switched off.\n", errors: 2 },
    { code: "/** What a rehearsal gives. */\nconst sealedKey = 1;\n", errors: 2 },
  ],
});
