import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fault, type KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { isImmutable } from "../run/recreate.ts";
import { maskSecrets, Rejection, rejectionFrom } from "./rejection.ts";

const secret: KubeObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s", namespace: "n" },
  data: { a: Buffer.from('pass"word\n').toString("base64"), b: "not base64!", c: "YQ==" },
  stringData: { d: "plain text" },
};

suite("what the server rejects", () => {
  test("names the object, its file and the server's words", () => {
    const rejection = rejectionFrom(new ApiError(422, "Invalid", "is bad"), {
      object: { ...secret, kind: "Role" },
      file: "a/b.yaml",
    });
    assert.equal(rejection.message, "Role/n/s (file a/b.yaml): is bad");
    assert.ok(rejection instanceof Rejection);
  });

  test("is, of a Secret with data that is not base64, said by key", () => {
    const words = "failed to create typed patch object: illegal base64 data at input byte 8";
    const data = { good: "YWJj\nZGU=", password: "hunter25!", user: "a-b_", short: "YQ" };
    const rejection = rejectionFrom(new ApiError(400, "", words), { object: { ...secret, data } });
    assert.match(
      rejection.message,
      /: not valid base64: data\.password, data\.user, data\.short; encode them, or use stringData/,
    );
  });

  for (const code of [429, 502, 503, 504]) {
    test(`${code} is a fault`, () => {
      assert.throws(() => rejectionFrom(new ApiError(code, "", "busy"), { object: secret }), {
        name: "Fault",
        message: "Secret/n/s: busy",
      });
    });
  }

  test("a fault stays one", () => {
    assert.throws(() => rejectionFrom(new Fault("APIServerUnavailable", "gone"), { object: secret }), {
      name: "Fault",
      message: "gone",
    });
  });

  const leaks = [
    'pass"word',
    JSON.stringify('pass"word\n'),
    "not base64!",
    "plain text",
    Buffer.from("plain text").toString("base64"),
    String(secret["data"] && "cGFzcyJ3b3JkCg=="),
  ];
  for (const leak of leaks) {
    test(`masks ${leak}`, () => {
      const masked = maskSecrets(`Invalid value: ${leak} is not good`, { object: secret });
      assert.match(masked, /^Invalid value: "?\*\*\*(\\n|\n)?"? is not good$/);
    });
  }

  test("masks what was put into an object of another kind, in any spelling, and leaves the object's name", () => {
    const object = { ...secret, kind: "Role", metadata: { name: "sesame" } };
    const words = `"sesame" and ${Buffer.from("sesame").toString("base64")}`;
    const rejection = rejectionFrom(new ApiError(422, "Invalid", words), { object, secrets: ["sesame"] });
    assert.equal(rejection.message, 'Role/sesame: "***" and ***');
  });

  test("masks nothing in what is not a Secret", () => {
    assert.equal(maskSecrets("plain text", { object: { ...secret, kind: "ConfigMap" } }), "plain text");
  });
});

suite("fields that cannot change", () => {
  const rows: Array<[message: string, immutable: boolean]> = [
    ["Invalid value: {...}: field is immutable", true],
    ['Invalid value: ["10.0.0.1"]: may not change once set', true],
    ["Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden", true],
    ["Forbidden: pod updates may not change fields other than `spec.containers[*].image`", true],
    ["Invalid value: {}: cannot change roleRef", true],
    ["Forbidden: updates to parameters are forbidden.", true],
    ["Forbidden: may not be changed in an update.", true],
    ['Invalid value: "null": primary ClusterIP can not be unset', true],
    ["Forbidden: spec is immutable after creation except resources.requests", true],
    ["Invalid value: 123456: must be between 1 and 65535, inclusive", false],
    ["Required value", false],
  ];
  for (const [message, expected] of rows) {
    test(`${message} → ${expected}`, () => {
      assert.equal(
        isImmutable(new ApiError(422, "Invalid", "x", { causes: [{ field: "a", reason: "", message }] })),
        expected,
      );
    });
  }

  test("each complaint must be of that kind", () => {
    const causes = ["field is immutable", "Required value"].map((message) => ({ field: "", reason: "", message }));
    assert.equal(isImmutable(new ApiError(422, "Invalid", "x", { causes })), false);
  });
});
