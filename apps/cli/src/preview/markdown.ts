import { shownChange } from "./line-diff.ts";
import { type Action, type Change, countsText, type Report } from "./report.ts";
import { isTold } from "./text.ts";

/** A comment on GitHub may have 65 536 characters. */
const longestComment = 60_000;

const icons: Partial<Record<Action, string>> = {
  created: "🟢",
  changed: "🟡",
  recreated: "🟠",
  deleted: "🔴",
  rejected: "⛔",
};

/**
 * For a comment on a pull request: what differs, each object folded; never longer than a comment may be. The first line, which
 * is not shown, tells one comment from another, so that it can be found and replaced.
 */
export function reportMarkdown(reports: readonly Report[]): string {
  const names = reports.map(({ kustomization: { namespace, name } }) => `${namespace}/${name}`);
  const marker = `<!-- leat diff kustomization ${names[0] ?? ""} -->`;
  const title = `### Preview: Kustomization ${code(names[0] ?? "")}`;
  const told = reports.flatMap(({ changes }) => changes.filter(isTold));
  const counts = told.length === 0 ? `No changes: ${countsText(reports)}.` : `**${countsText(reports)}**`;
  return [...fitting([marker, title, "", counts, ""], reports), ""].join("\n");
}

function fitting(head: readonly string[], reports: readonly Report[]): string[] {
  const lines = [...head];
  let length = lines.join("\n").length;
  let [left, shortened] = [0, 0];
  for (const { title, change } of sections(reports)) {
    const heading = title === undefined ? [] : [title, ""];
    const fits = [full(change), short(change)].find(
      (form) => length + lengthOf([...heading, ...form]) <= longestComment,
    );
    if (fits === undefined) {
      left += 1;
      continue;
    }
    if (fits.length === 1) shortened += detailOf(change).length > 0 ? 1 : 0;
    lines.push(...heading, ...fits);
    length += lengthOf([...heading, ...fits]);
  }
  if (shortened > 0) lines.push("", `Details of ${shortened} objects are omitted to fit into a comment.`);
  if (left > 0) lines.push("", `${left} more objects are omitted to fit into a comment.`);
  return lines;
}

/** Each change, under the title of its Kustomization where there are several. */
function sections(reports: readonly Report[]): Array<{ title: string | undefined; change: Change }> {
  return reports.flatMap(({ kustomization: { namespace, name }, changes }) =>
    changes.filter(isTold).map((change, index) => ({
      title: reports.length > 1 && index === 0 ? `\n#### ${code(`${namespace}/${name}`)}` : undefined,
      change,
    })),
  );
}

function full(change: Change): string[] {
  const detail = detailOf(change);
  if (detail.length === 0) return short(change);
  const fence = fenceFor(detail);
  return [`<details><summary>${headlineOf(change)}</summary>`, "", `${fence}diff`, ...detail, fence, "", "</details>"];
}

function short(change: Change): string[] {
  return [`${headlineOf(change)}<br>`];
}

function headlineOf({ action, subject, file, note, fields }: Change): string {
  const count = fields === undefined ? "" : `, ${fields.length} field${fields.length === 1 ? "" : "s"}`;
  const from = file === undefined ? "" : ` from ${code(file)}`;
  const [why] = action === "rejected" ? [] : (note ?? "").split("\n");
  return `${icons[action] ?? "⚪"} ${code(subject)} ${action}${count}${from}${why ? ` (${escaped(why)})` : ""}`;
}

function detailOf({ action, note, fields = [], manifest }: Change): string[] {
  const changes = fields.flatMap((field) => {
    const shown = shownChange(field);
    return shown.kind === "line" ? [`! ${field.path}: ${shown.text}`] : [`! ${field.path}:`, ...shown.lines];
  });
  const created =
    manifest === undefined
      ? []
      : manifest
          .trimEnd()
          .split("\n")
          .map((line) => `+ ${line}`);
  return [...(action === "rejected" && note !== undefined ? note.split("\n") : []), ...changes, ...created];
}

/** Longer than any row of backticks in it. */
function fenceFor(lines: readonly string[]): string {
  const longest = Math.max(0, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length));
  return "`".repeat(Math.max(3, longest + 1));
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
