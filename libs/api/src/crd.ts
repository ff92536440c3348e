import type { ResourceDefinition } from "./resource.ts";
import { type StructuralSchema, structuralSchema } from "./structural-schema.ts";

/** The CustomResourceDefinition of a kind, ready to be applied. */
export function crdOf(definition: ResourceDefinition): Record<string, unknown> {
  const { group, kind, plural, version } = definition;
  const singular = kind.toLowerCase();
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      // Descriptions may hold `${...}`, which variable substitution would change.
      annotations: { "kustomize.toolkit.fluxcd.io/substitute": "disabled" },
    },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [...definition.shortNames],
        categories: [...definition.categories],
      },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printerColumnsOf(definition),
          schema: { openAPIV3Schema: objectSchema(definition) },
        },
      ],
    },
  };
}

interface PrinterColumn {
  name: string;
  type: string;
  jsonPath: string;
  /** Above 0 for a column that is shown with `-o wide` only. */
  priority?: number;
}

function printerColumnsOf({ columns }: ResourceDefinition): PrinterColumn[] {
  return Object.entries(columns).map(([name, column]) => {
    const { path, type = "string", isWide = false } = typeof column === "string" ? { path: column } : column;
    return { name, type, jsonPath: path, ...(isWide && { priority: 1 }) };
  });
}

/** Nothing is required at the top: an object without a spec is accepted, and its controller says what is missing. */
function objectSchema({ description, kind, apiVersion, spec, status }: ResourceDefinition): StructuralSchema {
  return {
    type: "object",
    description,
    properties: {
      apiVersion: {
        type: "string",
        description: `Version of the API that the object is written in: ${apiVersion}.`,
      },
      kind: { type: "string", description: `Kind of the object: ${kind}.` },
      metadata: { type: "object" },
      spec: structuralSchema(spec),
      status: structuralSchema(status),
    },
  };
}
