import assert from "node:assert/strict";
import { test } from "node:test";
import type { Shop } from "./shop.ts";
import { type Stage, tellStory } from "./story.ts";

test("the story has six chapters, and each environment is seen in those that concern it", async () => {
  const told: string[] = [];
  await tellStory(stage(told, {}));
  const chapters = told.filter((line) => line.startsWith("chapter"));
  assert.deepEqual(chapters, [
    "chapter First sync",
    "chapter A commit",
    "chapter A hand edit",
    "chapter A hand edit, reported only",
    "chapter A secret in Git",
    "chapter A broken commit",
  ]);
  for (const name of ["dev", "staging", "production"] as const) {
    assert.equal(
      told.filter((line) => line.startsWith(`seen ${name} `) && !line.includes("rejects")).length,
      { dev: 3, staging: 5, production: 5 }[name],
    );
  }
  assert.ok(told.includes("quote revisionHistoryLimit: expected numeric"));
});

test("a step that is not seen fails the story there", async () => {
  const told: string[] = [];
  const replicasSeen = () => Promise.reject(new Error("waited 60 s for 3 replicas in production"));
  await assert.rejects(tellStory(stage(told, { replicasSeen })), /3 replicas in production/);
  assert.equal(told.at(-1), "chapter A hand edit");
});

test("an edit that was only to be reported and was taken back fails the story", async () => {
  const replicas = async () => 2;
  await assert.rejects(
    tellStory(stage([], { replicas })),
    /staging has 2 replicas after an edit that should only be reported, expected 5/,
  );
});

test("of the credentials their names are told, and the encrypted file, and no value", async () => {
  const told: string[] = [];
  await tellStory(stage(told, {}));
  assert.ok(told.includes("seen production has them decrypted, in a Secret with username and password"));
  assert.ok(told.some((line) => line.startsWith("quote password: ENC[")));
  assert.ok(!told.join("\n").includes("hidden"));
});

test("a rejected commit that changed the cluster fails the story", async () => {
  const version = async () => "1.2.0";
  await assert.rejects(tellStory(stage([], { version })), /dev runs 1\.2\.0 after a rejected commit, expected 1\.1\.0/);
});

function stage(told: string[], differently: Partial<Shop>): Stage {
  const seen = async () => {};
  const shop: Shop = {
    readyAt: async () => Date.now(),
    rejection: async () => "revisionHistoryLimit: expected numeric",
    versionSeen: seen,
    replicasSeen: seen,
    scaleByHand: seen,
    version: async () => "1.1.0",
    replicas: async () => 5,
    setDriftMode: seen,
    driftReported: async () => "Deployment/shop-staging/shop: /spec/replicas",
    credentialsSeen: seen,
    requestReconciliation: seen,
    ...differently,
  };
  return {
    shop,
    commit: async () => "c0ffee".padEnd(40, "0"),
    firstCommit: "0".repeat(40),
    credentials: {
      identity: "hidden-key",
      values: { username: "hidden-name", password: "hidden-word" },
      encrypted: "stringData:\n  password: ENC[AES256_GCM,data:AAAA]\n",
    },
    declare: seen,
    tell: {
      chapter: (title) => void told.push(`chapter ${title}`),
      seen: (what) => void told.push(`seen ${what}`),
      quote: (text) => void told.push(`quote ${text}`),
    },
  };
}
