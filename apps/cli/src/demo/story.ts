import type { Credentials } from "./credentials.ts";
import {
  credentialsPath,
  type EnvironmentName,
  environments,
  deploymentPath,
  firstState,
  replicas,
  sampleFiles,
  type SampleState,
} from "./sample-repository.ts";
import type { Shop } from "./shop.ts";
import { short } from "./steering.ts";
import type { Teller } from "./teller.ts";

export interface Stage {
  shop: Shop;
  /** Commits files to the branch that is followed; gives the commit's id. */
  commit: (files: Record<string, string>, message: string) => Promise<string>;
  /** The commit that is declared first. */
  firstCommit: string;
  credentials: Credentials;
  /** Applies the GitRepository and the Kustomizations. */
  declare: () => Promise<void>;
  tell: Teller;
}

/** Characters, as many as tell that it is encrypted. */
const shownOfLine = 60;

/**
 * Tells the story. Each step is seen in the cluster before the next begins.
 *
 * @throws Error for the step that was not seen in time
 */
export async function tellStory(stage: Stage): Promise<void> {
  await firstSync(stage);
  const released = await aCommit(stage);
  await aHandEdit(stage);
  await aReportedEdit(stage);
  const secured = await aSecret(stage, released);
  await aBrokenCommit(stage, secured);
}

async function firstSync({ shop, firstCommit, declare, tell }: Stage): Promise<void> {
  tell.chapter(
    "First sync",
    "One GitRepository and three Kustomizations are applied; each environment waits for the previous one.",
  );
  const since = Date.now();
  await declare();
  await everywhere(async (name) => {
    const at = await shop.readyAt(name, firstCommit);
    tell.seen(`${name} is ready at ${short(firstCommit)}`, at - since);
  });
}

async function aCommit({ shop, commit, tell }: Stage): Promise<SampleState> {
  tell.chapter(
    "A commit",
    "Version 1.1.0 is committed to the base, and a reconciliation is requested, as a webhook would do.",
  );
  const state = { ...firstState, version: "1.1.0" };
  const id = await commit(sampleFiles(state), "Release 1.1.0");
  const since = Date.now();
  await shop.requestReconciliation();
  await everywhere(async (name) => {
    await shop.versionSeen(name, state.version);
    const at = await shop.readyAt(name, id);
    tell.seen(`${name} runs ${state.version}, its pods are ready`, at - since);
  });
  return state;
}

async function aHandEdit({ shop, tell }: Stage): Promise<void> {
  tell.chapter("A hand edit", "Production is scaled to 0 with kubectl.");
  await shop.scaleByHand("production", 0);
  const since = Date.now();
  await shop.replicasSeen("production", replicas.production);
  tell.seen(`production has ${replicas.production} replicas again`, Date.now() - since);
}

async function aReportedEdit({ shop, tell }: Stage): Promise<void> {
  tell.chapter("A hand edit, reported only", "Staging has driftDetection.mode: warn, and is scaled to 5 with kubectl.");
  await shop.setDriftMode("staging", "warn");
  await shop.scaleByHand("staging", 5);
  let since = Date.now();
  const report = await shop.driftReported("staging");
  tell.seen("staging reports it:", Date.now() - since);
  tell.quote(report);
  const left = await shop.replicas("staging");
  if (left !== 5)
    throw new Error(`staging has ${left} replicas after an edit that should only be reported, expected 5`);
  tell.seen("staging still has 5 replicas");

  since = Date.now();
  const corrected = async () => {
    await shop.replicasSeen("staging", replicas.staging);
    tell.seen(`with mode: enabled, it has ${replicas.staging} replicas again`, Date.now() - since);
  };
  await Promise.all([shop.setDriftMode("staging", "enabled"), corrected()]);
}

async function aSecret({ shop, commit, credentials, tell }: Stage, released: SampleState): Promise<SampleState> {
  tell.chapter(
    "A secret in Git",
    "Credentials for production are committed, encrypted with SOPS. Only the cluster has the age key.",
  );
  const state = { ...released, credentials: credentials.encrypted };
  const id = await commit(sampleFiles(state), "Let production log in");
  tell.seen(`encrypted in Git, in ${credentialsPath}:`);
  tell.quote(beginOfLine("password", credentials.encrypted));
  const since = Date.now();
  await shop.requestReconciliation();
  await shop.credentialsSeen("production", credentials.values);
  const keys = Object.keys(credentials.values).join(" and ");
  tell.seen(`production has them decrypted, in a Secret with ${keys}`, Date.now() - since);
  await everywhere(async (name) => void (await shop.readyAt(name, id)));
  return state;
}

function beginOfLine(key: string, text: string): string {
  const line = text.split("\n").find((each) => each.trim().startsWith(`${key}:`)) ?? "";
  return `${line.trim().slice(0, shownOfLine)}…`;
}

async function aBrokenCommit({ shop, commit, tell }: Stage, released: SampleState): Promise<void> {
  tell.chapter("A broken commit", `A commit sets version 1.2.0, and an invalid number in ${deploymentPath}.`);
  const broken: SampleState = { ...released, version: "1.2.0", revisionHistoryLimit: "few" };
  const brokenCommit = await commit(sampleFiles(broken), "Release 1.2.0 and keep little history");
  let since = Date.now();
  await shop.requestReconciliation();
  const rejection = await shop.rejection("dev", brokenCommit);
  tell.seen("dev rejects it, and names the problem:", Date.now() - since);
  tell.quote(rejection);
  await stillAt(shop, released.version);
  tell.seen(`all environments still run ${released.version}`);

  const fixed: SampleState = { ...broken, revisionHistoryLimit: released.revisionHistoryLimit };
  const fix = await commit(sampleFiles(fixed), "Write revisionHistoryLimit as a number");
  since = Date.now();
  await shop.requestReconciliation();
  await everywhere(async (name) => {
    const at = await shop.readyAt(name, fix);
    tell.seen(`${name} is ready at the fix, ${short(fix)}`, at - since);
  });
}

async function stillAt(shop: Shop, version: string): Promise<void> {
  for (const name of environments) {
    const found = await shop.version(name);
    if (found !== version)
      throw new Error(`${name} runs ${found ?? "nothing"} after a rejected commit, expected ${version}`);
  }
}

/** All environments are watched at the same time. */
async function everywhere(step: (name: EnvironmentName) => Promise<void>): Promise<void> {
  await Promise.all(environments.map(step));
}
