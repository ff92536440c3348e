import * as z from "zod";
import type { ConditionTypeName } from "./condition.ts";
import { Fault } from "./fault.ts";
import type { KubeObject, StoredMeta } from "./object.ts";
import { type ObjectReference, resolveReferences, type SpecReference } from "./object-reference.ts";
import type { ReasonName } from "./reason.ts";

/** What the API server calls a resource; enough to address it. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A column of `kubectl get` and `leat get`. */
export interface Column {
  /** A JSONPath into the object. */
  readonly path: string;
  /** `string` where it is absent. */
  readonly type?: "date" | "string" | "integer";
  /** Whether kubectl shows it with `-o wide` only. */
  readonly isWide?: boolean;
}

/** Columns by their headers; a string is the path of a column. */
export type Columns = Readonly<Record<string, string | Column>>;

/** What a kind's author writes. */
export interface ResourceDeclaration<Spec extends z.ZodType, Status extends z.ZodType> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** What follows `flux get source` for a kind that is not called by its name there: `git`. */
  readonly cliName?: string;
  /** The controller that reconciles its objects, as in `source-controller`; absent if any program may write their status. */
  readonly reconciledBy?: string;
  /** One sentence: what declaring such an object brings about. */
  readonly description: string;
  readonly columns: Columns;
  /** Which conditions the kind has, and with which reasons; the reference is printed from it. */
  readonly conditions: Readonly<Partial<Record<ConditionTypeName, readonly ReasonName[]>>>;
  /** A useful spec to begin with, for the reference. */
  readonly example: z.input<Spec>;
  readonly spec: Spec;
  readonly status: Status;
  /** The objects that a spec refers to; none where it is absent. Fields may be missing: the spec is as it is stored. */
  readonly references?: (spec: Partial<z.output<Spec>>) => readonly SpecReference[];
}

/** A kind: where it is served, how it is checked, and what is printed from it. */
export interface ResourceDefinition<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType>
  extends Resource, Omit<ResourceDeclaration<Spec, Status>, "references"> {
  readonly apiVersion: string;
  /** The whole object; unknown fields of the metadata are kept, those of spec and status are dropped. */
  readonly schema: z.ZodType<StoredObject<Spec, Status>>;
  /**
   * The object, checked, with its defaults; the metadata is the very object that came in.
   * @throws Fault `InvalidObject` that names each wrong field by its path.
   */
  readonly parse: (object: KubeObject) => StoredObject<Spec, Status>;
  /** What an object of the kind refers to, as the API server stores it: without defaults. */
  readonly referencesOf: (object: KubeObject) => ObjectReference[];
}

/** An object of a kind as its controller reads it. */
export type StoredObject<Spec extends z.ZodType, Status extends z.ZodType> = {
  apiVersion: string;
  kind: string;
  metadata: StoredMeta;
  spec: z.output<Spec>;
  status: z.output<Status>;
};

/** The type of a definition's objects. */
export type ResourceOf<Definition extends ResourceDefinition> = ReturnType<Definition["parse"]>;
/** The type of a definition's spec. */
export type SpecOf<Definition extends ResourceDefinition> = ResourceOf<Definition>["spec"];
/** The type of a definition's status. */
export type StatusOf<Definition extends ResourceDefinition> = ResourceOf<Definition>["status"];

export function defineResource<Spec extends z.ZodType, Status extends z.ZodType>({
  references = () => [],
  ...declaration
}: ResourceDeclaration<Spec, Status>): ResourceDefinition<Spec, Status> {
  const apiVersion = `${declaration.group}/${declaration.version}`;
  const schema = z
    .object({
      apiVersion: z.literal(apiVersion),
      kind: z.literal(declaration.kind),
      metadata: Metadata,
      spec: declaration.spec,
      status: declaration.status,
    })
    .describe(declaration.description) as unknown as z.ZodType<StoredObject<Spec, Status>>;
  return {
    ...declaration,
    apiVersion,
    namespaced: true,
    schema,
    parse: (object) => {
      const result = schema.safeParse(object);
      if (!result.success) throw invalid(declaration.kind, object, result.error);
      return { ...result.data, metadata: object.metadata as StoredMeta };
    },
    referencesOf: ({ metadata, spec }) => resolveReferences(references(spec ?? {}), metadata.namespace ?? ""),
  };
}

const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.int(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
});

function invalid(kind: string, object: KubeObject, error: z.ZodError): Fault {
  const where = [object.metadata?.namespace, object.metadata?.name].filter(Boolean).join("/");
  const problems = error.issues.map(({ path, message }) => `${pathOf(path)}: ${message}`);
  return new Fault("InvalidObject", `${kind} ${where} cannot be read: ${problems.join("; ")}`, {
    cause: error,
  });
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`))
    .join("");
}
