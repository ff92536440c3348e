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

/** Renders a zod schema; what an API server would refuse or read differently is taken out or rewritten. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  // `input` keeps fields with a default out of `required`.
  const rendered = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    reused: "inline",
    override: ({ jsonSchema }) => tidy(jsonSchema as Record<string, unknown>),
  }) as Record<string, unknown>;
  delete rendered["$schema"];
  return rendered as StructuralSchema;
}

function tidy(schema: Record<string, unknown>): void {
  if (schema["type"] === "integer") {
    schema["format"] = "int64";
    // zod's own bounds of whole numbers, which say nothing.
    if (schema["minimum"] === Number.MIN_SAFE_INTEGER) delete schema["minimum"];
    if (schema["maximum"] === Number.MAX_SAFE_INTEGER) delete schema["maximum"];
  }
  if (typeof schema["pattern"] === "string")
    schema["pattern"] = schema["pattern"].replaceAll("\\/", "/");
  delete schema["propertyNames"];
  if ("properties" in schema) delete schema["additionalProperties"];
}
