import * as z from "zod";

/** The part of OpenAPI 3.0 that an API server takes as the schema of a custom resource. */
export interface StructuralSchema {
  type?: string;
  description?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  required?: string[];
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: StructuralSchema;
  items?: StructuralSchema;
  "x-kubernetes-validations"?: { rule: string; message: string }[];
}

/** Renders a zod schema; what an API server would reject or read differently is taken out or rewritten. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  // `input` keeps fields with a default out of `required`.
  const rendered = z.toJSONSchema(schema, { target: "openapi-3.0", io: "input", reused: "inline" });
  return structural(rendered as StructuralSchema);
}

/** In the order in which a reader wants them. */
const keywords = [
  "description",
  "type",
  "format",
  "enum",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "minItems",
  "maxItems",
  "default",
  "items",
  "additionalProperties",
  "properties",
  "required",
  "x-kubernetes-validations",
] as const satisfies readonly (keyof StructuralSchema)[];

/** Keywords that zod adds and that say nothing more than those beside them. */
const noise = new Set(["$schema", "propertyNames"]);

function structural(schema: StructuralSchema): StructuralSchema {
  const unknown = Object.keys(schema).find(
    (key) => !noise.has(key) && !keywords.includes(key as (typeof keywords)[number]),
  );
  if (unknown !== undefined)
    throw new Error(`a custom resource's schema cannot hold ${unknown}: ${JSON.stringify(schema)}`);
  const tidied = tidy(schema);
  return Object.fromEntries(keywords.filter((key) => tidied[key] !== undefined).map((key) => [key, tidied[key]]));
}

function tidy(schema: StructuralSchema): StructuralSchema {
  const tidied = { ...schema };
  if (schema.type === "integer") {
    tidied.format = "int64";
    // zod's own bounds of whole numbers, which say nothing.
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete tidied.minimum;
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete tidied.maximum;
  }
  if (schema.pattern !== undefined) tidied.pattern = schema.pattern.replaceAll("\\/", "/");
  if (schema.items) tidied.items = structural(schema.items);
  if (schema.properties) {
    tidied.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, field]) => [name, structural(field)]),
    );
    // The API server prunes unknown fields; it rejects both keywords side by side.
    delete tidied.additionalProperties;
  } else if (schema.additionalProperties) {
    tidied.additionalProperties = structural(schema.additionalProperties);
  }
  return tidied;
}
