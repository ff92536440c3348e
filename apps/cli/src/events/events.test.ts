import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { gitRepository, kustomization } from "../../test/objects.ts";
import { openSetting, type Setting } from "../../test/fixture.ts";

let setting: Setting;
before(async () => {
  setting = await openSetting();
  await setting.create(gitRepository("podinfo"));
  await setting.create(kustomization("apps"));
  const about = (kind: string, name: string) => ({ apiVersion: apiVersions[kind], kind, name });
  await tell(about("Kustomization", "apps"), { message: "Applied revision: main@sha1:1", minutesAgo: 5, count: 3 });
  await tell(about("GitRepository", "podinfo"), { message: "stored artifact", minutesAgo: 20 });
  await tell(about("Kustomization", "infra"), { type: "Warning", message: "no such file:\n  infra", minutesAgo: 1 });
  await tell(about("Pod", "web"), { message: "pulled image" });
});
after(() => setting[Symbol.asyncDispose]());

suite("leat events", () => {
  test("lists what was told of declared objects, the newest last, and nothing of others", async () => {
    const { code, stdout } = await setting.leat(["events"]);
    assert.equal(code, 0);
    const [header, ...rows] = cellsOf(stdout);
    assert.deepEqual(header, ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
    assert.deepEqual(
      rows.map(([, type, , object, message]) => [type, object, message]),
      [
        ["Normal", "gitrepository/podinfo", "stored artifact"],
        ["Normal", "kustomization/apps", "Applied revision: main@sha1:1"],
        ["Warning", "kustomization/infra", "no such file: infra"],
      ],
    );
    assert.match(rows[1]?.[0] ?? "", /^5m\d*s? \(x3 over \d+m\)$/);
  });

  test("narrows to one object and its source", async () => {
    const { stdout } = await setting.leat(["events", "--for", "ks/apps", "--no-header"]);
    assert.deepEqual(
      cellsOf(stdout).map((cells) => cells[3]),
      ["gitrepository/podinfo", "kustomization/apps"],
    );
  });

  test("narrows to one name in all namespaces", async () => {
    const elsewhere = ["-n", "default", "--for", "ks/infra", "--no-header"];
    assert.equal((await setting.leat(["events", ...elsewhere])).stdout, "");
    const { stdout } = await setting.leat(["events", "-A", ...elsewhere]);
    assert.match(stdout, new RegExp(`^${setting.namespace} .*kustomization/infra`, "m"));
  });

  test("narrows to an object that is gone already", async () => {
    const { stdout } = await setting.leat(["events", "--for", "kustomization/infra", "--no-header"]);
    assert.deepEqual(
      cellsOf(stdout).map((cells) => cells[3]),
      ["kustomization/infra"],
    );
  });

  test("narrows to types, in all namespaces", async () => {
    const { stdout } = await setting.leat(["events", "-A", "--types", "warning"]);
    assert.match(stdout, /^NAMESPACE +LAST SEEN/);
    assert.match(stdout, new RegExp(`^${setting.namespace} .*kustomization/infra`, "m"));
    assert.doesNotMatch(stdout, /Normal/);
  });

  test("rejects a type that does not exist", async () => {
    const { code, stderr } = await setting.leat(["events", "--types", "Error"]);
    assert.equal(code, 2);
    assert.match(stderr, /The types are Normal and Warning/);
  });

  test("says that there are none", async () => {
    const { code, stdout, stderr } = await setting.leat(["events", "--for", "ks/other"]);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(stderr, /No events found/);
  });

  test("-w goes on with what comes", async () => {
    await tell({ ...late }, { message: "first" });
    const stop = new AbortController();
    let told: Promise<unknown> | undefined;
    const { code, stdout } = await setting.leat(["events", "--for", "ks/late", "-w"], {
      signal: stop.signal,
      onOutput: (text) => {
        if (text.includes("first")) told ??= tell({ ...late }, { message: "second" });
        if (text.includes("second")) stop.abort();
      },
    });
    await told;
    assert.equal(code, 130);
    assert.deepEqual(
      cellsOf(stdout).map((cells) => cells[4]),
      ["MESSAGE", "first", "second"],
    );
  });
});

const apiVersions: Record<string, string> = {
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  GitRepository: "source.toolkit.fluxcd.io/v1",
  Pod: "v1",
};
const late = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", name: "late" };

interface Told {
  type?: "Normal" | "Warning";
  message: string;
  minutesAgo?: number;
  count?: number;
}

async function tell(involvedObject: object, { type = "Normal", message, minutesAgo = 0, count = 1 }: Told) {
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+/, "");
  const { namespace } = setting;
  return setting.create({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `told-${crypto.randomUUID()}` },
    involvedObject: { ...involvedObject, namespace },
    type,
    reason: "Told",
    message,
    count,
    firstTimestamp: at(minutesAgo * 2),
    lastTimestamp: at(minutesAgo),
    source: { component: "test" },
  });
}

function cellsOf(table: string): string[][] {
  return table
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
}
