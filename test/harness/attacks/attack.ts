import { gitRepository, kustomization } from "../manifests.ts";
import type { Files, Scenario } from "../scenario.ts";

/** What a tenant commits and declares to exhaust the controllers. */
export interface Attack {
  about: string;
  files?: Files;
  /** Subject of the commit. */
  message?: string;
  /** Changes the repository before it is declared, in a way that a commit of files cannot. */
  prepare?: (scenario: Scenario) => Promise<void>;
  /** Manifests of the sources; one GitRepository `repo` where not given. In all texts `{{silent}}` is a server that never answers. */
  sources?: string;
  /** Of the Kustomization `app`, which is not declared if this is `null`. */
  spec?: string | null;
  /** Manifests beside them. */
  more?: string;
  /** The object that is rejected, `Kustomization/app` where not given, and the words of the rejection; absent for what is built or waits. */
  rejected?: { subject?: string; words: RegExp };
}

/** @param silent `host:port` */
export async function launch(scenario: Scenario, attack: Attack, silent: string): Promise<void> {
  const { files = {}, message, prepare, sources = gitRepository(), spec, more = "" } = attack;
  const committed = filled(files, silent);
  if (message === undefined) await scenario.commit(committed);
  else await scenario.repository.commit(committed, { message });
  await prepare?.(scenario);
  const declared = sources + (spec === null ? "" : kustomization("app", spec)) + more;
  await scenario.apply(declared.replaceAll("{{silent}}", silent));
}

function filled(files: Files, silent: string): Files {
  const fill = ([path, content]: [string, Files[string]]) =>
    [path, typeof content === "string" ? content.replaceAll("{{silent}}", silent) : content] as const;
  return Object.fromEntries(Object.entries(files).map(fill));
}

export function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}
