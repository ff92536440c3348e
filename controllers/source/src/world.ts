import type { ArtifactStore } from "@leat/artifact";
import type { Kube } from "@leat/kube";

/** What every kind of source uses; each adds a client for its own servers. */
export interface SourceWorld {
  artifacts: ArtifactStore;
  /** Reads the Secrets that objects name. */
  kube: Pick<Kube, "get">;
}
