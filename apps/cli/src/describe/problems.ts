import { ConditionType, type KubeObject } from "@leat/api";
import { age } from "../terminal/age.ts";
import { textAt } from "../terminal/columns.ts";
import { conditionOf, conditionsOf } from "../cluster/condition-of.ts";
import { shortDigests } from "../terminal/short-digests.ts";
import type { Description, Related } from "./gather.ts";

/** Something that a person should know first. */
export interface Problem {
  /** `note` is a state that somebody wished for. */
  severity: "wrong" | "waiting" | "note";
  title: string;
  /** The controller's words, of any number of lines. */
  details: string;
}

/** What is wrong with an object, the gravest first; empty where it is as it should be. */
export function problemsOf(description: Description): Problem[] {
  const { object, source, dependencies } = description;
  return [
    ...ownProblems(object),
    ...(source === undefined ? [] : relatedProblems("source", source)),
    ...dependencies.flatMap((dependency) => relatedProblems("dependency", dependency)),
    ...notes(description),
  ];
}

function ownProblems(object: KubeObject): Problem[] {
  const ready = conditionOf(object, ConditionType.Ready);
  const stalled = conditionOf(object, ConditionType.Stalled)?.status === "True";
  const drifted = conditionOf(object, ConditionType.Drifted);
  const found: Problem[] = [];
  if (ready !== undefined && ready.status !== "True") {
    const severity = ready.status === "False" ? "wrong" : "waiting";
    const title = `${ready.status === "False" ? "Not ready" : "Not ready yet"}: ${ready.reason}, since ${age(ready.lastTransitionTime)}`;
    const details = stalled
      ? `${ready.message}\nRetrying cannot help; change the object or request a reconciliation.`
      : ready.message;
    found.push({ severity, title, details: shortDigests(details) });
  }
  if (drifted?.status === "True") {
    found.push({
      severity: "wrong",
      title: `Drifted, since ${age(drifted.lastTransitionTime)}`,
      details: drifted.message,
    });
  }
  return found;
}

function relatedProblems(role: "source" | "dependency", related: Related): Problem[] {
  const { kind, namespace, name } = related.reference;
  const called = `The ${role} ${kind}/${namespace}/${name}`;
  if (related.state === "unseen") return [];
  if (related.state === "missing") return [{ severity: "wrong", title: `${called} does not exist`, details: "" }];
  const ready = conditionOf(related.object, ConditionType.Ready);
  if (ready?.status === "True") return [];
  const title = `${called} is not ready${ready === undefined ? "" : `: ${ready.reason}`}`;
  const severity = ready?.status === "False" ? "wrong" : "waiting";
  return [{ severity, title, details: shortDigests(ready?.message ?? "not reconciled yet") }];
}

function notes({ kind, object }: Description): Problem[] {
  const { generation, deletionTimestamp, name, namespace } = object.metadata;
  const found: Problem[] = [];
  const note = (title: string, details: string) => found.push({ severity: "note", title, details });
  if (deletionTimestamp !== undefined) note(`Being deleted, since ${age(deletionTimestamp)}`, "");
  if (textAt(object, "spec", "suspend") === "true") {
    note("Suspended", `\`leat resume ${kind.kind.toLowerCase()} ${name} -n ${namespace}\` resumes it.`);
  } else if (conditionsOf(object).length === 0) {
    note("Not reconciled yet", "Is a controller for this kind running? See `leat check`.");
  } else if (textAt(object, "status", "observedGeneration") !== String(generation)) {
    note("Changed, but not reconciled yet", "The status below is that of the previous generation.");
  }
  return found;
}
