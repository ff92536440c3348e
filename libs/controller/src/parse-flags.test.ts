import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as z from "zod";
import { commonFlags } from "./common-flags.ts";
import { parseFlags, usage, UsageError } from "./parse-flags.ts";

const flags = z.object({ ...commonFlags({ concurrent: 4 }), storagePath: z.string().default("/data") });
const parse = (...args: string[]) => parseFlags(flags, args, {});

suite("flags", () => {
  const rows: Array<[args: string[], key: keyof z.output<typeof flags>, value: unknown]> = [
    [[], "concurrent", 4],
    [["--concurrent=8"], "concurrent", 8],
    [["--concurrent", "8"], "concurrent", 8],
    [["--no-cross-namespace-refs"], "noCrossNamespaceRefs", true],
    [["--no-cross-namespace-refs=true"], "noCrossNamespaceRefs", true],
    [["--watch-all-namespaces=false"], "watchAllNamespaces", false],
    [["--requeue-dependency=1m30s"], "requeueDependency", 90_000],
    [["--watch-label-selector=!sharding.fluxcd.io/key"], "watchLabelSelector", "!sharding.fluxcd.io/key"],
    [["--metrics-addr=0"], "metricsAddr", "0"],
    [["--health-addr=[::1]:0"], "healthAddr", "[::1]:0"],
    [["--events-addr=events.example/hook"], "eventsAddr", "http://events.example/hook"],
    [["--events-addr="], "eventsAddr", ""],
    [["--storage-path", "/tmp/x"], "storagePath", "/tmp/x"],
  ];
  for (const [args, key, value] of rows) {
    test(`${args.join(" ") || "nothing"} → ${key} ${String(value)}`, () => assert.equal(parse(...args)[key], value));
  }

  const wrong: Array<[args: string[], message: RegExp]> = [
    [["--storag-path=/x"], /unknown flag --storag-path, did you mean --storage-path\?/],
    [["--something-else-entirely=1"], /unknown flag --something-else-entirely$/],
    [["--concurrent=zero"], /--concurrent/],
    [["--concurrent=0"], /--concurrent/],
    [["--requeue-dependency=soon"], /--requeue-dependency: expected a duration/],
    [["--watch-label-selector=!!"], /^--watch-label-selector: expected a label selector/],
    [["--metrics-addr=127.0.0.1:99999"], /^--metrics-addr: expected host:port or :port, with a port from 0 to 65535$/],
    [["--health-addr=localhost"], /^--health-addr: expected host:port/],
    [["--events-addr=http://"], /^--events-addr: expected a URL$/],
    [["--log-level=loud"], /--log-level/],
    [["stray"], /unexpected argument "stray"/],
  ];
  for (const [args, message] of wrong) {
    test(`${args.join(" ")} is rejected`, () =>
      assert.throws(
        () => parse(...args),
        (error) => error instanceof UsageError && message.test(error.message),
      ));
  }

  test("the namespace of the pod comes from its environment", () => {
    assert.equal(parseFlags(flags, [], { RUNTIME_NAMESPACE: "gitops" }).runtimeNamespace, "gitops");
  });

  test("the usage shows defaults as they are written, and none where there is none", () => {
    const lines = usage("source-controller", flags).split("\n");
    const shown = Object.fromEntries(
      lines.flatMap((line) => {
        const name = /^ {2}--(\S+)/.exec(line)?.[1];
        return name === undefined ? [] : [[name, / \(default (.*)\)$/.exec(line)?.[1]]];
      }),
    );
    assert.partialDeepStrictEqual(shown, {
      "requeue-dependency": "30s",
      concurrent: "4",
      "storage-path": "/data",
      "no-cross-namespace-refs": "false",
      "feature-gates": undefined,
      kubeconfig: undefined,
    });
    for (const [name, value] of Object.entries(shown)) if (value !== undefined) parse(`--${name}=${value}`);
  });

  test("the usage names every flag", () => {
    const text = usage("source-controller", flags);
    for (const name of ["--storage-path", "--concurrent", "--watch-label-selector"])
      assert.match(text, new RegExp(name));
  });
});
