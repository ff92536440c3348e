import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Kube } from "@leat/kube";
import { impersonated } from "./impersonation.ts";

const target = { impersonate: (user: string) => ({ user }) } as unknown as Kube;

function userOf(spec: { serviceAccountName?: string }, defaultServiceAccount: string): string | undefined {
  const { as } = impersonated({ metadata: { namespace: "team" }, spec }, { target, defaultServiceAccount });
  return (as as unknown as { user: string } | undefined)?.user;
}

suite("the account whose rights an object has", () => {
  const rows: Array<[about: string, spec: object, byDefault: string, user: string | undefined]> = [
    ["the account that it names", { serviceAccountName: "own" }, "default", "system:serviceaccount:team:own"],
    ["the default account where it names none", {}, "default", "system:serviceaccount:team:default"],
    [
      "the default account where it names an empty one",
      { serviceAccountName: "" },
      "default",
      "system:serviceaccount:team:default",
    ],
    ["the controller where there is no default either", { serviceAccountName: "" }, "", undefined],
  ];
  for (const [about, spec, byDefault, user] of rows) {
    test(about, () => assert.equal(userOf(spec, byDefault), user));
  }
});
