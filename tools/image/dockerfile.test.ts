import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { small } from "../bundle/programs.ts";
import { entrypoint, user } from "./container.ts";

const root = join(import.meta.dirname, "../..");

/** The instructions of the last stage of the Dockerfile, joined lines as one. */
async function lastStage(): Promise<string[]> {
  const text = await readFile(join(root, "images/Dockerfile"), "utf8");
  const lines = text.trimEnd().replaceAll("\\\n", " ").split("\n");
  return lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
}

suite("the Dockerfile", () => {
  test("starts a controller as it is started elsewhere, as no user that has a name", async () => {
    const lines = await lastStage();
    const started = lines.find((line) => line.startsWith("ENTRYPOINT "));
    assert.deepEqual(JSON.parse(started?.slice("ENTRYPOINT ".length) ?? ""), entrypoint);
    assert.ok(lines.includes(`USER ${user}:${user}`));
    const set = lines.find((line) => line.startsWith("ENV "))?.split(" ") ?? [];
    for (const [variable, value] of Object.entries(small.environment)) assert.ok(set.includes(`${variable}=${value}`));
  });

  test("takes all files from what tools/image.ts puts together", async () => {
    const lines = await lastStage();
    assert.equal(lines[0], "FROM scratch");
    assert.deepEqual(
      lines.filter((line) => line.startsWith("COPY ")),
      ["COPY --from=files /image /"],
    );
  });

  test("takes from elsewhere only what can be given by its digest", async () => {
    const lines = (await readFile(join(root, "images/Dockerfile"), "utf8")).split("\n");
    const stages = new Set(lines.map((line) => / AS (\S+)$/.exec(line)?.[1]));
    const bases = lines.filter((line) => line.startsWith("FROM ")).map((line) => line.split(" ")[1] ?? "");
    const others = bases.filter((base) => base !== "scratch" && !stages.has(base));
    assert.ok(others.length > 0);
    for (const base of others) {
      const argument = /^\$\{(\w+)\}$/.exec(base)?.[1];
      assert.ok(argument !== undefined && lines.some((line) => line.startsWith(`ARG ${argument}=`)), base);
    }
  });

  test("builds with the Node that tests run with", async () => {
    const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
      devDependencies: { node: string };
    };
    const text = await readFile(join(root, "images/Dockerfile"), "utf8");
    assert.match(text, new RegExp(`^ARG NODE_IMAGE=.*/node:${devDependencies.node}-`, "m"));
  });
});
