import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { crdOf } from "./crd.ts";
import { kinds } from "./kinds.ts";
import type { StructuralSchema } from "./structural-schema.ts";

interface Crd {
  metadata: { name: string; annotations: Record<string, string> };
  spec: {
    names: Record<string, unknown>;
    versions: {
      additionalPrinterColumns: { name: string; type: string; priority?: number }[];
      schema: { openAPIV3Schema: StructuralSchema };
    }[];
  };
}

/** Columns of `kubectl get`, and those that it shows with `-o wide` only; Flux's, and ours. */
const columns: Readonly<Record<string, [usual: string[], wide: string[]]>> = {
  GitRepository: [["URL", "Age", "Ready", "Status"], ["Revision"]],
  Kustomization: [
    ["Age", "Ready", "Status"],
    ["Path", "Revision"],
  ],
};

for (const definition of kinds) {
  suite(`the CRD of ${definition.kind}`, () => {
    const crd = crdOf(definition) as unknown as Crd;
    const version = crd.spec.versions[0];
    assert.ok(version);
    const schema = version.schema.openAPIV3Schema;

    test("is named by plural and group, and left alone by variable substitution", () => {
      assert.equal(crd.metadata.name, `${definition.plural}.${definition.group}`);
      assert.deepEqual(crd.metadata.annotations, { "kustomize.toolkit.fluxcd.io/substitute": "disabled" });
    });

    test("has the columns in the documented order, with the age as a date", () => {
      const names = (isWide: boolean) =>
        version.additionalPrinterColumns.filter(({ priority = 0 }) => priority > 0 === isWide).map(({ name }) => name);
      assert.deepEqual([names(false), names(true)], columns[definition.kind]);
      assert.equal(version.additionalPrinterColumns.find(({ name }) => name === "Age")?.type, "date");
    });

    test("starts every object with a status that no generation has been observed", () => {
      assert.deepEqual(schema.properties?.["status"]?.default, { observedGeneration: -1 });
    });

    test("accepts an object without spec, as its controller says better what is missing", () => {
      assert.equal(schema.required, undefined);
    });

    test("describes every field", () => {
      const silent = [...fieldsOf(schema)].filter(([path, field]) => path !== ".metadata" && !field.description);
      assert.deepEqual(
        silent.map(([path]) => path),
        [],
      );
    });

    test("is plain JSON and the same each time", () => {
      assert.deepEqual(JSON.parse(JSON.stringify(crd)), crd);
      assert.equal(JSON.stringify(crdOf(definition)), JSON.stringify(crd));
    });
  });
}

function* fieldsOf(schema: StructuralSchema, path = ""): Generator<[string, StructuralSchema]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield [`${path}.${name}`, field];
    yield* fieldsOf(field, `${path}.${name}`);
  }
  if (schema.items) yield* fieldsOf(schema.items, `${path}[]`);
}
