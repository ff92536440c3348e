const meanings = {
  // Any kind
  Succeeded: "Reconciliation succeeded.",
  Progressing: "Reconciliation is in progress.",
  ProgressingWithRetry: "Reconciliation failed and will be retried.",
  Failed: "Reconciliation failed.",
  Suspended: "The object is suspended.",
  DependencyNotReady: "An object named in dependsOn is missing or not ready.",
  FeatureGateDisabled: "The spec requires a feature gate that is disabled.",
  UnsupportedField: "The spec uses a field that is not supported yet.",
  AccessDenied: "A reference is not allowed, for example to another namespace.",
  InvalidCELExpression: "A CEL expression does not compile or does not return a boolean.",
  LimitExceeded: "An input exceeds a limit of the controller; the message names the limit.",
  InvalidObject: "A field of the object is missing or invalid.",
  InvalidDuration: "A duration is invalid; valid are 30s, 10m or 1h30m.",
  InvalidPath: "A path does not exist or leads outside its root directory.",
  InvalidURL: "A URL is invalid.",
  InsecureConnectionsDisallowed: "The URL uses plain HTTP, and the controller allows only TLS.",
  UnsupportedConnectionType: "The scheme of the URL is not supported.",
  InvalidReference: "A reference to another object is invalid.",
  InvalidYAML: "A file is not valid YAML for Kubernetes.",
  KubeconfigInvalid: "A kubeconfig is invalid or uses something that is not allowed.",
  ResourceExhausted:
    "The object needs more memory or time than it may have; not retried until its spec or revision changes.",
  DeadlineExceeded: "The reconciliation took longer than its time limit.",
  APIServerUnavailable: "The API server could not be reached, or sent an unexpected response.",
  APIServerRejected: "The API server rejected a request; its error is in the message.",
  WatchBroken: "A watch ended and cannot be resumed.",
  InvalidLease: "The Lease for leader election is invalid.",
  LeaseLost: "Another replica became the leader; this one exits.",
  ListenFailed: "The controller cannot listen on an address.",
  ShutdownTimeout: "Reconciliations did not end within the shutdown timeout.",
  InternalError: "The controller has a bug; its log has the stack trace.",
  GarbageCollectionSucceeded: "Old artifacts were removed.",
  GarbageCollectionFailed: "Old artifacts could not be removed.",

  // Sources
  NewArtifact: "A new artifact was stored.",
  ArtifactUpToDate: "The stored artifact is the latest.",
  NewRevision: "The source has a newer revision than the stored one.",
  IncludeChange: "An included artifact has changed.",
  URLInvalid: "The URL of the source is invalid.",
  AuthenticationFailed: "Credentials are missing, invalid, or were rejected.",
  InvalidProviderConfiguration: "The credentials do not match the provider.",
  GitOperationSucceeded: "The Git operation succeeded.",
  GitOperationFailed: "The Git server could not be reached, rejected the request, or does not have the ref.",
  EmptyGitRepository: "The Git repository has no commit.",
  VerificationError: "The signature could not be verified.",
  InvalidVerificationMode: "The verification mode is unknown.",
  InvalidGitObject: "The Git object does not match its hash or kind.",
  InvalidTagSignature: "The tag has no signature by a trusted key.",
  InvalidCommitSignature: "The commit has no signature by a trusted key.",
  NotFound: "An included source does not exist.",
  NoArtifact: "An included source has no artifact yet.",
  IllegalPath: "A path of an include leads outside the artifact.",
  CopyFailure: "Files could not be copied into the artifact.",
  DirectoryCreationFailed: "A directory could not be created.",
  ArchiveOperationFailed: "The archive could not be written.",
  SymlinkUpdateFailed: "The link to the latest artifact could not be set.",
  ArtifactVerificationFailed: "The stored artifact failed its digest check.",

  // Appliers
  ReconciliationSucceeded: "The revision was applied, and passed health checks if there are any.",
  ReconciliationFailed: "The API server rejected an object, or could not be reached.",
  ArtifactFailed: "The source is missing or has no artifact, or the artifact could not be fetched or verified.",
  BuildFailed: "The manifests of the revision could not be built.",
  PruneFailed: "Objects that are no longer declared could not be deleted.",
  HealthCheckFailed: "An applied object did not become healthy in time.",
  DriftDetected: "Applied objects were changed or deleted by others, or corrections are reverted repeatedly.",
  DriftCorrected: "Drift was corrected.",
  NoDriftDetected: "No applied object has drifted.",
} as const;

export type ReasonName = keyof typeof meanings;

/** Every reason that conditions, events and logs give. Reasons are API: alerts and scripts read them. */
export const Reason = Object.fromEntries(Object.keys(meanings).map((reason) => [reason, reason])) as {
  readonly [Name in ReasonName]: Name;
};

/** What each reason means, one sentence each; the reference is printed from it. */
export const reasonMeanings: Readonly<Record<ReasonName, string>> = meanings;
