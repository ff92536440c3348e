import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { reportMarkdown } from "./markdown.ts";
import type { Change, Report } from "./report.ts";

const report = (...changes: Change[]): Report => ({
  kustomization: { namespace: "flux-system", name: "apps" },
  path: "./apps",
  changes,
});
const changed = (name: string, after = "2"): Change => ({
  action: "changed",
  subject: `ConfigMap/shop/${name}`,
  apiVersion: "v1",
  file: "apps/one.yaml",
  fields: [{ path: "data.a", before: "1", after }],
});
const unchanged: Change = { action: "unchanged", subject: "ConfigMap/shop/same", apiVersion: "v1" };

suite("a comment", () => {
  test("folds what differs, and counts the rest", () => {
    const text = reportMarkdown([report(changed("one"), unchanged)]);
    assert.match(text, /^<!-- leat diff kustomization flux-system\/apps -->\n### /);
    assert.match(text, /\*\*1 changed, 1 unchanged\*\*/);
    assert.match(
      text,
      /<details><summary>.*<code>ConfigMap\/shop\/one<\/code> changed, 1 field from <code>apps\/one\.yaml<\/code><\/summary>/,
    );
    assert.match(text, /```diff\n! data\.a: "1" → "2"\n```/);
    assert.doesNotMatch(text, /same/);
  });

  test("says that nothing differs", () => {
    assert.match(reportMarkdown([report(unchanged)]), /No changes: 1 unchanged\./);
  });

  test("cannot be broken out of", () => {
    const text = reportMarkdown([
      report({ ...changed("<b>"), fields: [{ path: "data.a", after: "```\n</details>\n" }] }),
    ]);
    assert.match(text, /<code>ConfigMap\/shop\/&lt;b&gt;<\/code>/);
    assert.match(text, /````diff\n! data\.a:\n\+ ```\n\+ <\/details>\n````/);
  });

  test("is never longer than a comment may be, and says what it leaves out", () => {
    const many = Array.from({ length: 3_000 }, (_, index) => changed(`one-${index}`, "x".repeat(100)));
    const text = reportMarkdown([report(...many)]);
    assert.ok(text.length < 65_536, String(text.length));
    assert.match(text, /more objects are omitted/);
    const huge = reportMarkdown([
      report({ ...changed("huge"), fields: [{ path: "data.a", after: "line\n".repeat(20_000) }] }),
    ]);
    assert.ok(huge.length < 65_536);
    assert.match(huge, /ConfigMap\/shop\/huge[^]*Details of 1 objects are omitted/);
  });
});
