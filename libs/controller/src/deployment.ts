/**
 * What it takes to run a controller, as data. Its roles, bundle, image, part of the chart and the flags of tests and of
 * `leat demo` are made from it.
 */
export interface Deployment<Binary extends string = string> {
  /** `<folder>-controller`: the name of the program, its image and its Deployment. */
  readonly name: string;
  /** Rights besides those that every controller has: its own kinds, events and its Lease. */
  readonly rules: readonly PolicyRule[];
  /**
   * Whether it applies whatever a source declares, and so needs every right. Where tenants' ServiceAccounts apply instead, the
   * chart leaves that role out, and may give one that only reads what was applied.
   */
  readonly appliesObjects: boolean;
  /** Whether it serves artifacts: a Service, a volume, and one pod at most. */
  readonly servesArtifacts: boolean;
  /** Whether it starts git, over HTTP and HTTPS. */
  readonly usesGit: boolean;
  /** Programs of the toolchain that it starts, by the flag that gives the path of each. */
  readonly binaries: Readonly<Record<string, Binary>>;
  /** Flags for a process on a developer's machine, beside those of `binaries`. */
  readonly localFlags: (places: LocalPlaces) => readonly string[];
  readonly chart: ChartPart;
}

export interface LocalPlaces {
  /** Belongs to the controllers alone. */
  directory: string;
  /** A free port; `0` for any. */
  port: string;
}

/** A rule of a ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the Helm chart knows of a controller. Flags are templates of Helm. */
export interface ChartPart {
  readonly flags: readonly string[];
  /** Added if `multitenancy.enabled` is set. */
  readonly lockdownFlags: readonly string[];
  /** Defaults of `controllers.<name>` that differ from those of all controllers, or that it alone has. */
  readonly values: Readonly<Record<string, unknown>>;
}
