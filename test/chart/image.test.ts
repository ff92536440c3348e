/**
 * The files of the images, put together as images/Dockerfile does: the controllers run with nothing but them, as a user who
 * may write only where a pod mounts something. Only root may look at a directory as if it were all that there is.
 */
import assert from "node:assert/strict";
import { chown, copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Controller, controllers } from "@leat/controllers";
import { run } from "@leat/process";
import { openPrivateDirectory, type PrivateDirectory } from "@leat/testing";
import { deploy } from "../harness/deploy.ts";
import { readLogs } from "../harness/harness.ts";
import { startHarness } from "../harness/own-harness.ts";
import { configMap } from "../harness/manifests.ts";
import { startScenario } from "../harness/scenario.ts";
import { describedStack, repositoryRoot, type StackProcess } from "../harness/stack.ts";

const names = controllers.map(({ name }) => name);
const user = 65532;
const isRoot = process.getuid?.() === 0;
/** The images are made of files of the system that makes them. */
const isLinux = process.platform === "linux";

let place: PrivateDirectory;
const imageOf = (name: string) => join(place.path, name);
before(async () => {
  place = await openPrivateDirectory();
  for (const name of isLinux ? names : []) {
    const { exitCode, stderr } = await run(process.execPath, ["tools/image.ts", name, imageOf(name)], {
      cwd: repositoryRoot,
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
      timeoutMs: 120_000,
    });
    assert.equal(exitCode, 0, stderr);
  }
});
after(() => place[Symbol.asyncDispose]());

for (const name of names) {
  test(`the image of ${name} has no shell, and the licences of what it holds`, { skip: !isLinux }, async () => {
    const files = await readdir(imageOf(name), { recursive: true });
    assert.deepEqual(
      files.filter((file) => /(^|\/)((ba|da|)sh|busybox)$/.test(file)),
      [],
    );
    for (const file of ["LICENSE", "third-party-licences.txt", "controller.mjs"])
      assert.ok(files.includes(`app/${file}`));
  });
}

test("a commit reaches the cluster with nothing but the files of the images", async (context) => {
  if (!isLinux || !isRoot)
    return context.skip("only root may start a program in a directory as if there was nothing else");
  const processes = await Promise.all(controllers.map(containerOf));
  const stack = { ...(await describedStack("leat-sources")), processes };
  await using harness = await startHarness({ stack, start: false });
  for (const name of names) {
    await makeDevices(imageOf(name));
    const kubeconfig = join(imageOf(name), "tmp/kubeconfig");
    await copyFile(harness.kubeconfigOf(name), kubeconfig);
    await chown(kubeconfig, user, user);
    await harness.start(name);
  }
  await using scenario = await startScenario(harness, "image");
  const overlay = "resources: [one.yaml]\nnamePrefix: my-\n";

  await deploy(scenario, { "app/one.yaml": configMap("one"), "app/kustomization.yaml": overlay });

  assert.ok(await scenario.get("ConfigMap/my-one"));
  const log = await readLogs(harness, ["kustomize-controller"]);
  assert.match(log, /"sandbox":"kustomize","state":"sandboxed"/);
});

const common = ["--kubeconfig=/tmp/kubeconfig", "--events-addr={{events}}", "--metrics-addr=0", "--health-addr=0"];
const storage = ["--storage-addr=127.0.0.1:{{port}}", "--storage-adv-addr=127.0.0.1:{{port}}"];

/** What a container of the image would run. */
async function containerOf({ name, servesArtifacts }: Controller): Promise<StackProcess> {
  const dockerfile = await readFile(join(repositoryRoot, "images/Dockerfile"), "utf8");
  const lines = dockerfile.slice(dockerfile.lastIndexOf("FROM scratch")).split("\n");
  const instruction = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? "";
  const variables = instruction("ENV")
    .split(" ")
    .map((text) => text.split("="));
  const started = JSON.parse(instruction("ENTRYPOINT")) as string[];
  return {
    name,
    rightsOf: name,
    program: "/usr/sbin/chroot",
    args: [
      `--userspec=${instruction("USER")}`,
      imageOf(name),
      ...started,
      ...common,
      ...(servesArtifacts ? storage : []),
    ],
    env: { HOME: "/", TMPDIR: "/tmp", ...Object.fromEntries(variables) },
  };
}

/** Which every container has. */
async function makeDevices(root: string): Promise<void> {
  await mkdir(join(root, "dev"));
  for (const [name, minor] of [
    ["null", "3"],
    ["urandom", "9"],
  ] as const) {
    const args = ["--mode=666", join(root, "dev", name), "c", "1", minor];
    const { exitCode, stderr } = await run("/usr/bin/mknod", args, { timeoutMs: 10_000 });
    assert.equal(exitCode, 0, stderr);
  }
}
