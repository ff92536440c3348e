import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { chartDirectory } from "./helm.ts";

export const dashboardsDirectory = join(chartDirectory, "files/dashboards");

/** What we read of a dashboard of Grafana's. */
export interface Dashboard {
  title: string;
  templating: { list: Array<{ name: string; type: string; query: { query: string } }> };
  panels: Array<{ title: string; targets: Array<{ expr: string; legendFormat?: string }> }>;
}

export interface DashboardQuery {
  /** Of the panel, or the variable. */
  title: string;
  /** As Prometheus gets it where everything is chosen. */
  query: string;
  /** Labels that the result has to have. */
  labels: string[];
}

export async function readDashboards(): Promise<Dashboard[]> {
  const names = (await readdir(dashboardsDirectory)).toSorted();
  const texts = names.map((name) => readFile(join(dashboardsDirectory, name), "utf8"));
  return (await Promise.all(texts)).map((text) => JSON.parse(text) as Dashboard);
}

/** The queries of the panels, and those that find what may be chosen. */
export function queriesOf({ templating, panels }: Dashboard): DashboardQuery[] {
  const chosen = templating.list.filter(({ type }) => type === "query");
  return [
    ...chosen.map(({ name, query: { query } }) => {
      const [, metric = "", label = ""] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
      return { title: `$${name}`, query: metric, labels: [label] };
    }),
    ...panels.flatMap(({ title, targets }) =>
      targets.map(({ expr, legendFormat = "" }) => {
        const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
        return { title, query: withAllChosen(expr), labels };
      }),
    ),
  ];
}

/** Names of metrics and labels in a query. */
export function namesIn(query: string): string[] {
  const bare = query.replaceAll(/"[^"]*"|\[[^\]]*\]/g, "");
  return [...bare.matchAll(/\b[a-z_]\w*/gi)].map(([name]) => name).filter((name) => !language.has(name));
}

const language = new Set(["by", "histogram_quantile", "increase", "max", "or", "rate", "sum"]);

function withAllChosen(expr: string): string {
  return expr.replaceAll("$__rate_interval", "5m").replaceAll(/\$\w+/g, ".*");
}
