import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { entrypoint, images, user } from "./images.ts";

const root = join(import.meta.dirname, "../..");

/** The instructions of a stage of the Dockerfile, joined lines as one. */
async function stage(name: string): Promise<string[]> {
  const text = await readFile(join(root, "images/Dockerfile"), "utf8");
  const lines = text.replaceAll("\\\n", " ").split("\n");
  const begin = lines.findIndex((line) => line.startsWith("FROM ") && line.endsWith(` AS ${name}`));
  assert.ok(begin >= 0, `there is no stage ${name}`);
  const length = lines.slice(begin + 1).findIndex((line) => line.startsWith("FROM "));
  return lines.slice(begin, length < 0 ? undefined : begin + 1 + length);
}

suite("the Dockerfile", () => {
  for (const image of images) {
    const { name, environment } = image.program;

    test(`starts ${name} as it is started elsewhere, as no one that it knows by name`, async () => {
      const lines = await stage(name);
      assert.equal(lines[0], `FROM scratch AS ${name}`);
      const started = lines.find((line) => line.startsWith("ENTRYPOINT "));
      assert.deepEqual(JSON.parse(started?.slice("ENTRYPOINT ".length) ?? ""), entrypoint(image));
      assert.ok(lines.includes(`USER ${user}:${user}`));
      const set = lines.find((line) => line.startsWith("ENV "))?.split(" ") ?? [];
      for (const [variable, value] of Object.entries(environment)) assert.ok(set.includes(`${variable}=${value}`));
    });

    test(`takes all of ${name} from what tools/image.ts puts together`, async () => {
      const files = await stage(`${name}-files`);
      assert.ok(files.includes(`RUN node_modules/.bin/node tools/image.ts ${name} /image`));
      const copies = (await stage(name)).filter((line) => line.startsWith("COPY "));
      assert.deepEqual(copies, [`COPY --from=${name}-files /image /`]);
    });
  }

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
