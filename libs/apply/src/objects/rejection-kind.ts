import { ApiError, ApiUnavailable } from "@leat/kube";

/** Of what kind a rejection is: few, for alerts and statistics, where the message is for a person. */
export type RejectionKind =
  /** A webhook, a policy or another admission plugin of the API server denied it. */
  | "AdmissionDenied"
  /** A webhook that has to be asked could not be. */
  | "AdmissionFailed"
  | "QuotaExceeded"
  /** The API server serves no such kind: its definition is missing. */
  | "UnknownKind"
  /** The server of its aggregated API does not respond. */
  | "APIUnavailable"
  /** The account that applies lacks permission. */
  | "Forbidden"
  /** Something that it needs is not there, such as its namespace. */
  | "NotFound"
  | "Conflict"
  /** It is not such as the API server takes it. */
  | "Invalid"
  | "Other";

/** Reads the kind from the status and, where that says too little, from the words that Kubernetes uses. */
export function rejectionKindOf(error: unknown): RejectionKind {
  if (!(error instanceof ApiError)) return "Other";
  if (error instanceof ApiUnavailable) return "APIUnavailable";
  const { code, message } = error;
  for (const [words, kind] of telltales) if (words.test(message)) return kind;
  // Without those words no permission is missing: one of the server's own admission plugins says no.
  if (code === 403) return "AdmissionDenied";
  return kindsByCode[code] ?? "Other";
}

/** What others may put into a message comes after these words, so that the first that fits decides. */
const telltales: ReadonlyArray<[words: RegExp, kind: RejectionKind]> = [
  [/^admission webhook ".*?" denied the request/, "AdmissionDenied"],
  [/^admission webhook ".*?" does not support dry run/, "AdmissionFailed"],
  [/^Internal error occurred: failed calling webhook /, "AdmissionFailed"],
  [/(?:Validating|Mutating)AdmissionPolicy '.*?' with binding '.*?' denied request/, "AdmissionDenied"],
  [/ is forbidden: (?:exceeded|failed) quota: /, "QuotaExceeded"],
  [/\b(?:User ".*?"|cannot) .*?\bresource "/, "Forbidden"],
  [/page not found$/, "UnknownKind"],
  // An unknown field, which server-side apply answers with 500.
  [/field not declared in schema/, "Invalid"],
];

const kindsByCode: Readonly<Record<number, RejectionKind>> = {
  400: "Invalid",
  401: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "Invalid",
};
