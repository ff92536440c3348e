import type { KubeObject } from "@leat/api";
import type { PostedEvent } from "@leat/testing";
import { gitRepository, kustomization } from "./manifests.ts";
import type { Files, Scenario } from "./scenario.ts";

/** Commits the files, and declares the repository and a Kustomization `app`; gives the commit. */
export async function declare({ commit, apply }: Scenario, files: Files, spec?: string): Promise<string> {
  const sha = await commit(files);
  await apply(gitRepository() + kustomization("app", spec));
  return sha;
}

/** As {@link declare}, and waits until it is ready. */
export async function deploy(scenario: Scenario, files: Files, spec?: string): Promise<string> {
  const sha = await declare(scenario, files, spec);
  await scenario.untilReady("Kustomization/app", sha);
  return sha;
}

/** A new commit that is fetched at once; gives it. */
export async function push(scenario: Scenario, files: Files): Promise<string> {
  const sha = await scenario.commit(files);
  await scenario.request("GitRepository/repo");
  await scenario.untilReady("GitRepository/repo", sha);
  return sha;
}

/** A new commit that the Kustomization `app` is ready at; gives it. */
export async function roll(scenario: Scenario, files: Files): Promise<string> {
  const sha = await push(scenario, files);
  await scenario.untilReady("Kustomization/app", sha);
  return sha;
}

/** Asks for a run and waits until it is over and the object ready. */
export async function rerun({ request, until, untilReady }: Scenario, subject = "Kustomization/app"): Promise<void> {
  const token = await request(subject);
  await until(subject, `to have handled ${token}`, (object) => handledOf(object) === token);
  await untilReady(subject);
}

export function handledOf(object: KubeObject | undefined): string | undefined {
  return (object?.["status"] as { lastHandledReconcileAt?: string } | undefined)?.lastHandledReconcileAt;
}

/** Ids of the inventory, in its order. */
export function inventoryOf(object: KubeObject | undefined): string[] {
  const { inventory } = (object?.["status"] ?? {}) as { inventory?: { entries?: Array<{ id: string }> } };
  return inventory?.entries?.map(({ id }) => id) ?? [];
}

/** What was posted about an object of the scenario, `Kind/name`. */
export function postedAbout({ harness, namespace }: Scenario, subject: string): PostedEvent[] {
  const posted = harness.events.events.map(({ event }) => event);
  return posted.filter(
    ({ involvedObject: { kind, name, namespace: where } }) => where === namespace && `${kind}/${name}` === subject,
  );
}

export function dataOf(object: KubeObject | undefined): Record<string, string> | undefined {
  return object?.["data"] as Record<string, string> | undefined;
}
