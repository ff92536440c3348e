import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiError } from "@leat/kube";
import { type RejectionKind, rejectionKindOf } from "./rejection-kind.ts";

suite("the kind of a rejection", () => {
  const rows: Array<[code: number, message: string, kind: RejectionKind]> = [
    [403, 'admission webhook "a.b.c" denied the request: no', "AdmissionDenied"],
    [400, 'admission webhook "a.b.c" denied the request: x is forbidden: exceeded quota: q', "AdmissionDenied"],
    [500, 'Internal error occurred: failed calling webhook "a.b.c": connection refused', "AdmissionFailed"],
    [400, 'admission webhook "a.b.c" does not support dry run', "AdmissionFailed"],
    [
      422,
      `configmaps "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`,
      "AdmissionDenied",
    ],
    [403, 'pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged', "AdmissionDenied"],
    [403, 'configmaps "a" is forbidden: exceeded quota: q, requested: count/configmaps=1', "QuotaExceeded"],
    [403, 'pods "a" is forbidden: failed quota: q: must specify limits.cpu', "QuotaExceeded"],
    [
      403,
      'configmaps "a" is forbidden: User "system:serviceaccount:n:s" cannot patch resource "configmaps" in API group ""',
      "Forbidden",
    ],
    [404, "HTTP 404: 404 page not found", "UnknownKind"],
    [404, 'namespaces "a" not found', "NotFound"],
    [409, 'Operation cannot be fulfilled on configmaps "a"', "Conflict"],
    [422, 'Deployment.apps "a" is invalid: spec.selector: Required value', "Invalid"],
    [500, "failed to create typed patch object: .spec.a: field not declared in schema", "Invalid"],
    [500, "Internal error occurred: etcd is gone", "Other"],
  ];
  for (const [code, message, kind] of rows) {
    test(`${message} → ${kind}`, () => assert.equal(rejectionKindOf(new ApiError(code, "", message)), kind));
  }
});
