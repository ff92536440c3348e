import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { UsageError } from "@leat/controller";
import { controllersNamed, hostedPrograms, load } from "./hosted.ts";

suite("the names of controllers", () => {
  test("are separated by commas, with or without blanks, and each counts once", () => {
    const keys = controllersNamed("source, kustomize,source").map(({ key }) => key);
    assert.deepEqual(keys, ["source", "kustomize"]);
  });

  for (const list of ["sauce", "", "source,"]) {
    test(`${JSON.stringify(list)} is rejected with the names that exist`, () => {
      assert.throws(() => controllersNamed(list), {
        name: "UsageError",
        message: /available: source, kustomize/,
      });
    });
  }
});

suite("the flags of hosted controllers", async () => {
  const both = await load(controllersNamed("source,kustomize"));

  test("a common flag goes to all of them", () => {
    const hosted = hostedPrograms(both, ["--log-level", "debug"], {});
    assert.deepEqual(
      hosted.map(({ config }) => config.logLevel),
      ["debug", "debug"],
    );
  });

  test("a flag of one goes to that one", () => {
    const [source, kustomize] = hostedPrograms(both, ["--storage-path=/artifacts", "--no-remote-bases"], {});
    assert.partialDeepStrictEqual(source?.config, { storagePath: "/artifacts" });
    assert.partialDeepStrictEqual(kustomize?.config, { noRemoteBases: true });
  });

  test("a feature gate goes to whom it is of", () => {
    const gates = "--feature-gates=AdditiveCELDependencyCheck=true,OptimizedGitClones=false,DirectSourceFetch=true";
    const [source, kustomize] = hostedPrograms(both, [gates], {});
    assert.partialDeepStrictEqual(source?.config.featureGates, { OptimizedGitClones: false, DirectSourceFetch: true });
    assert.partialDeepStrictEqual(kustomize?.config.featureGates, {
      AdditiveCELDependencyCheck: true,
      DirectSourceFetch: true,
    });
  });

  test("defaults stay each controller's own", () => {
    const concurrent = hostedPrograms(both, [], {}).map(({ config }) => config.concurrent);
    assert.notEqual(concurrent[0], concurrent[1]);
  });

  const rejected: Array<[given: string, args: string[], message: RegExp]> = [
    [
      "a flag that none of them knows",
      ["--storage-pat=/artifacts"],
      /unknown flag --storage-pat, did you mean --storage-path\?/,
    ],
    ["a wrong value", ["--concurrent=many"], /--concurrent: /],
    [
      "a feature gate that none of them has",
      ["--feature-gates=DirectSourceFech=true"],
      /did you mean DirectSourceFetch\?/,
    ],
    ["an argument that is not a flag", ["now"], /unexpected argument "now"/],
  ];
  for (const [given, args, message] of rejected) {
    test(`${given} is rejected`, () => {
      assert.throws(
        () => hostedPrograms(both, args, {}),
        (error: Error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  test("a flag of a controller that is not hosted is rejected", () => {
    assert.throws(
      () => hostedPrograms(both.slice(1), ["--storage-path=/artifacts"], {}),
      /unknown flag --storage-path/,
    );
  });
});
