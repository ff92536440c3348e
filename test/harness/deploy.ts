import type { KubeObject } from "@leat/api";
import type { PostedEvent } from "@leat/testing";
import { logLinesOf } from "./harness.ts";
import { configMap, gitRepository, kustomization } from "./manifests.ts";
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

/**
 * Declares a Kustomization `base`, and `app`, which depends on it by this `readyExpr`.
 *
 * @param base the only file of `base`
 */
export async function declareDependent(
  { commit, apply }: Scenario,
  readyExpr: string,
  base = configMap("one"),
): Promise<void> {
  await commit({ "base/one.yaml": base, "app/two.yaml": configMap("two") });
  const dependsOn = `  dependsOn:\n  - name: base\n    readyExpr: ${JSON.stringify(readyExpr)}`;
  await apply(
    gitRepository() +
      kustomization("base", "  path: ./base\n  prune: true") +
      kustomization("app", `  path: ./app\n  prune: true\n${dependsOn}`),
  );
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

/** Revisions of which the end of a reconciliation of `app` was posted. */
export function finishedAt(scenario: Scenario): Array<string | undefined> {
  const group = "kustomize.toolkit.fluxcd.io";
  return postedAbout(scenario, "Kustomization/app")
    .filter(({ metadata }) => metadata?.[`${group}/commit_status`] === "update")
    .map(({ metadata }) => metadata?.[`${group}/revision`]);
}

/** How many reconciliations of `app` were logged as concluded, for this trigger where one is given. */
export async function runsOf({ harness, namespace }: Scenario, trigger = "[a-z]+"): Promise<number> {
  const log = await logLinesOf(harness, namespace, 1000);
  return log.match(new RegExp(`"msg":"reconciled".*"name":"app".*"trigger":"${trigger}"`, "g"))?.length ?? 0;
}
