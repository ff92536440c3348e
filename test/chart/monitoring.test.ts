/** The alerts and dashboards of the chart, as files and as what is made of them. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { dashboardsDirectory } from "../harness/dashboards.ts";
import { renderChart } from "../harness/helm.ts";
import { checkRules, readRules, type RuleGroup } from "../harness/promtool.ts";
import { repositoryRoot } from "../harness/stack.ts";

const monitoring = { rules: { enabled: true, labels: { release: "prometheus" } }, dashboards: { enabled: true } };

suite("alerts", () => {
  test("are rules that promtool has nothing to say about", async () => {
    const { exitCode, stdout, stderr } = await checkRules();
    assert.equal(exitCode, 0, `${stdout.toString()}${stderr}`);
  });

  test("are in a PrometheusRule as they are in the file", async () => {
    const { metadata, groups } = await renderRule({ monitoring });
    assert.deepEqual(groups, await readRules());
    assert.equal(metadata.labels?.["release"], "prometheus");
  });

  test("do not miss a controller that is not installed", async () => {
    const { groups } = await renderRule({ monitoring, controllers: { source: { enabled: false } } });
    const names = (await readRules()).map(({ name }) => name);
    assert.deepEqual(
      groups.map(({ name }) => name),
      names.filter((name) => name !== "leat-source-controller"),
    );
    assert.ok(groups.length < names.length);
  });

  test("are explained, each where its link leads", async () => {
    const guide = await readFile(join(repositoryRoot, "docs/guides/monitoring.md"), "utf8");
    const explained = [...guide.matchAll(/^### (Leat\w+)$/gm)].map(([, name = ""]) => name);
    const rules = (await readRules()).flatMap((group) => group.rules);
    // Rules of several controllers may share an alert.
    const names = new Set(rules.map(({ alert }) => alert));
    assert.deepEqual(explained, [...names]);
    for (const { alert, annotations } of rules) {
      assert.equal(annotations["runbook_url"], `https://leat.dev/docs/guides/monitoring#${alert.toLowerCase()}`, alert);
    }
  });
});

async function renderRule(values: object): Promise<KubeObject & { groups: RuleGroup[] }> {
  const rule = (await renderChart(values)).find(({ kind }) => kind === "PrometheusRule");
  assert.ok(rule);
  return { ...rule, ...(rule["spec"] as { groups: RuleGroup[] }) };
}

test("each dashboard is in a ConfigMap that Grafana's sidecar finds", async () => {
  const objects = await renderChart({ monitoring });
  const files = (await readdir(dashboardsDirectory)).toSorted();
  assert.ok(files.length > 0);
  for (const file of files) {
    const name = `leat-dashboard-${file.replace(".json", "")}`;
    const configMap = objects.find((object) => object.kind === "ConfigMap" && object.metadata.name === name);
    assert.equal(configMap?.metadata.labels?.["grafana_dashboard"], "1");
    const text = await readFile(join(dashboardsDirectory, file), "utf8");
    assert.deepEqual(JSON.parse((configMap["data"] as Record<string, string>)[file] ?? ""), JSON.parse(text));
  }
});
