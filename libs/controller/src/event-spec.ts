export interface EventSpec {
  /** `Trace` becomes a Normal event in the cluster and is not posted to the notification controller. */
  type: "Normal" | "Warning" | "Trace";
  reason: string;
  message: string;
  /** Short keys (`revision`); the runtime puts the group of the object's kind before them. */
  metadata?: Record<string, string>;
  /** Nothing has changed: it is posted to the notification controller, and not written to the cluster. */
  isRoutine?: boolean;
}
