const meanings = {
  // Any kind
  Succeeded: "The work was done.",
  Progressing: "Work goes on.",
  ProgressingWithRetry: "The last run failed; the controller tries again.",
  Failed: "The work failed.",
  Suspended: "The object is suspended.",
  DependencyNotReady: "An object named in dependsOn is missing or not ready.",
  FeatureGateDisabled: "The spec asks for something that a feature gate of the controller keeps off.",
  UnsupportedField: "The spec uses a field that this version of the controller does not act on yet.",
  AccessDenied: "The object refers to something it may not use, such as an object of another namespace.",
  InvalidCELExpression: "A CEL expression of the spec does not compile or does not give a boolean.",
  InvalidObject: "The object lacks a field, or has one of the wrong shape, so that the controller cannot read it.",
  InvalidDuration: "A duration is not written like 30s, 10m or 1h30m.",
  InvalidPath: "A path does not exist or leads out of the directory it has to stay in.",
  InvalidURL: "A URL cannot be read.",
  InsecureConnectionsDisallowed: "The URL asks for plain HTTP and the controller permits only TLS.",
  UnsupportedConnectionType: "The URL is of a scheme that the controller does not know.",
  InvalidReference: "The object refers to another one in a way that cannot be read.",
  InvalidYAML: "A file is not YAML, or not such as Kubernetes reads.",
  KubeconfigInvalid: "A kubeconfig cannot be read or asks for something that is not permitted.",
  APIServerUnavailable: "The API server could not be reached, or does not answer as one.",
  APIServerRefused: "The API server refused a request; its words are in the message.",
  WatchBroken: "A watch of the API server ended in a way that does not say where to go on.",
  InvalidLease: "The Lease that elects the leader cannot be read.",
  LeaseLost: "Another replica leads now, so that this one ends.",
  ListenFailed: "An address that the controller serves on is taken or not permitted.",
  ShutdownTimeout: "Runs did not end in the time given to stop.",
  InternalError: "The controller itself has an error; its log has the stack.",
  GarbageCollectionSucceeded: "Artifacts that nobody needs any more were removed.",
  GarbageCollectionFailed: "Artifacts that nobody needs any more could not be removed.",

  // Sources
  NewArtifact: "A new artifact was stored.",
  ArtifactUpToDate: "The stored artifact is that of the newest revision.",
  NewRevision: "The source has a newer revision than the stored one.",
  IncludeChange: "An included artifact is another than the one stored.",
  URLInvalid: "The URL of the source cannot be used.",
  AuthenticationFailed: "Credentials are missing, cannot be read, or were refused.",
  InvalidProviderConfiguration: "The provider and the credentials do not fit each other.",
  GitOperationSucceeded: "The Git operation went through.",
  GitOperationFailed: "The Git server could not be reached, refused, or does not have the ref.",
  EmptyGitRepository: "The Git repository has no commit.",
  VerificationError: "The signature could not be verified.",
  InvalidVerificationMode: "The mode of verification is not one that the controller knows.",
  InvalidGitObject: "The Git object is not what its hash or kind says.",
  InvalidTagSignature: "The tag has no signature, or none by a trusted key.",
  InvalidCommitSignature: "The commit has no signature, or none by a trusted key.",
  NotFound: "An included source does not exist.",
  NoArtifact: "An included source has no artifact yet.",
  IllegalPath: "A path of an include leads out of the artifact.",
  CopyFailure: "Files could not be copied into the artifact.",
  DirectoryCreationFailed: "A directory could not be made.",
  StatOperationFailed: "A file or directory could not be looked at.",
  ReadOperationFailed: "A file could not be read.",
  AcquireLockFailed: "The lock of an artifact could not be had.",
  ArchiveOperationFailed: "The archive could not be written.",
  SymlinkUpdateFailed: "The link to the newest artifact could not be set.",
  PatchOperationFailed: "The object could not be written.",
  SourceIgnoreError: "The ignore rules cannot be read.",
  ArtifactVerificationFailed: "The stored artifact does not have its digest any more.",

  // Appliers
  ReconciliationSucceeded: "The revision was applied, and is healthy where that is asked for.",
  ReconciliationFailed: "The API server refused the revision, or could not be reached.",
  ArtifactFailed: "The source is missing, has no artifact, or the artifact could not be fetched or verified.",
  BuildFailed: "The manifests of the revision could not be built.",
  PruneFailed: "Objects that left the source could not be deleted.",
  HealthCheckFailed: "An applied object did not become healthy in time.",
  HealthCheckCanceled: "The health checks were ended because there is something newer to apply.",
  DriftDetected: "Others have changed or deleted applied objects, or change them back again and again.",
  DriftCorrected: "What others had changed or deleted was put right.",
  NoDriftDetected: "The applied objects are as they are declared.",
} as const;

export type ReasonName = keyof typeof meanings;

/** Every reason that conditions, events and logs give. Reasons are API: alerts and scripts read them. */
export const Reason = Object.fromEntries(Object.keys(meanings).map((reason) => [reason, reason])) as {
  readonly [Name in ReasonName]: Name;
};

/** What each reason means, one sentence each; the reference is printed from it. */
export const reasonMeanings: Readonly<Record<ReasonName, string>> = meanings;
