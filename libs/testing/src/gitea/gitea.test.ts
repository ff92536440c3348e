import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { type Finished, run } from "@leat/process";
import { eventually } from "../eventually.ts";
import { gitEnvironment } from "../git/git-environment.ts";
import { closeServer, listenOn, portOf } from "../server/loopback.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { basicAuthorization, giteaApi } from "./gitea-api.ts";
import type { GiteaRepository, GiteaUser } from "./gitea-user.ts";
import { startGitea } from "./gitea.ts";

const gitea = await startGitea();
after(() => gitea[Symbol.asyncDispose]());

/** Gitea does much of its work in the background. */
const timeoutMs = 30_000;

function git(...args: string[]): Promise<Finished> {
  return run("git", args, { env: { ...gitEnvironment(), GIT_TERMINAL_PROMPT: "0" }, timeoutMs: 30_000 });
}

function urlFor({ name, token }: GiteaUser, { url }: GiteaRepository): string {
  return url.replace("//", `//${name}:${token}@`);
}

/** Pushes one commit on top of `main`. */
async function pushCommit(user: GiteaUser, repository: GiteaRepository, target: string): Promise<Finished> {
  await using place = await openPrivateDirectory();
  const clone = join(place.path, "clone");
  const cloned = await git("clone", "--quiet", urlFor(user, repository), clone);
  assert.equal(cloned.exitCode, 0, cloned.stderr);
  const author = ["-c", "user.name=bot", "-c", "user.email=bot@example.com"];
  await git("-C", clone, ...author, "commit", "--quiet", "--allow-empty", "--message=bump");
  return await git("-C", clone, "push", "--quiet", "origin", `HEAD:${target}`);
}

async function json(user: GiteaUser, request: Parameters<GiteaUser["api"]>[0]): Promise<Record<string, unknown>> {
  const { status, body } = await user.api(request);
  assert.ok(status < 300, `${request.path}: ${status} ${JSON.stringify(body)}`);
  return body as Record<string, unknown>;
}

suite("Gitea", () => {
  test("takes a push, a pull request of it, and merges it", async () => {
    const user = await gitea.createUser();
    const repository = await user.createRepository("app");
    const repo = `/repos/${repository.owner}/app`;
    assert.equal((await pushCommit(user, repository, "refs/heads/bot")).exitCode, 0);
    const body = { title: "bump", head: "bot", base: "main" };
    const pull = await json(user, { method: "POST", path: `${repo}/pulls`, body });
    assert.partialDeepStrictEqual(pull, { number: 1, state: "open" });
    // Whether it can be merged is found out in the background.
    await eventually(async () => (await json(user, { path: `${repo}/pulls/1` }))["mergeable"] === true, {
      what: "a mergeable pull request",
      timeoutMs,
    });
    const merge = { Do: "squash", delete_branch_after_merge: true };
    await json(user, { method: "POST", path: `${repo}/pulls/1/merge`, body: merge });
    assert.partialDeepStrictEqual(await json(user, { path: `${repo}/pulls/1` }), { state: "closed", merged: true });
    assert.equal((await user.api({ path: `${repo}/branches/bot` })).status, 404);
  });

  test("protects a branch from pushes, and from merges without a required status", async () => {
    const user = await gitea.createUser();
    const repository = await user.createRepository("app");
    const repo = `/repos/${repository.owner}/app`;
    const rule = { enable_push: false, enable_status_check: true, status_check_contexts: ["kustomization/*"] };
    const protection = { rule_name: "main", ...rule };
    await json(user, { method: "POST", path: `${repo}/branch_protections`, body: protection });
    const rejected = await pushCommit(user, repository, "refs/heads/main");
    assert.equal(rejected.exitCode, 1);
    assert.match(rejected.stderr, /protected branch main/);

    await pushCommit(user, repository, "refs/heads/bot");
    const body = { title: "bump", head: "bot", base: "main" };
    const pull = await json(user, { method: "POST", path: `${repo}/pulls`, body });
    const { sha } = pull["head"] as { sha: string };
    const merge = { method: "POST", path: `${repo}/pulls/1/merge`, body: { Do: "merge" } } as const;
    const statusOf = () => user.api(merge).then(({ status }) => status);
    assert.equal(await statusOf(), 405);
    const status = { state: "success", context: "kustomization/app", description: "applied" };
    await json(user, { method: "POST", path: `${repo}/statuses/${sha}`, body: status });
    await eventually(async () => (await statusOf()) === 200, { what: "the merge", timeoutMs });
  });

  test("lets nobody in without the right password or token", async () => {
    const user = await gitea.createUser();
    const stranger = await gitea.createUser();
    const repository = await user.createRepository("app", { private: true });
    const path = `/repos/${repository.owner}/app`;
    const readOnly = await user.createToken(["read:repository"]);
    const asked = { path };
    const answers = await Promise.all(
      [
        user.api(asked),
        stranger.api(asked),
        giteaApi(gitea.url, basicAuthorization(user.name, user.password))(asked),
        giteaApi(gitea.url, basicAuthorization(user.name, "wrong"))(asked),
        giteaApi(gitea.url, `token ${"0".repeat(40)}`)(asked),
        giteaApi(gitea.url, `token ${readOnly}`)(asked),
        giteaApi(gitea.url, `token ${readOnly}`)({ method: "POST", path: `${path}/labels`, body: {} }),
      ].map(async (answer) => (await answer).status),
    );
    assert.deepEqual(answers, [200, 404, 200, 401, 401, 200, 403]);
    const listing = (login: string) => git("ls-remote", repository.url.replace("//", `//${login}@`));
    assert.equal((await listing(`${user.name}:${user.token}`)).exitCode, 0);
    assert.match((await listing(`${user.name}:wrong`)).stderr, /Authentication failed/);
    assert.equal((await listing(`${stranger.name}:${stranger.token}`)).exitCode, 128);
  });

  test("has repositories of organizations", async () => {
    const user = await gitea.createUser();
    const organization = `org-${user.name}`;
    await user.createOrganization(organization);
    const repository = await user.createRepository("app", { organization });
    assert.equal(repository.url, `${gitea.url}/${organization}/app.git`);
    assert.equal((await git("ls-remote", "--exit-code", urlFor(user, repository), "main")).exitCode, 0);
  });

  test("sends signed webhooks to loopback", async () => {
    const received: { event: unknown; signature: unknown; body: string }[] = [];
    const receiver = createServer((request, response) => {
      void text(request).then((body) => {
        const { "x-gitea-event": event, "x-gitea-signature": signature } = request.headers;
        received.push({ event, signature, body });
        response.end();
      });
    });
    await listenOn(receiver, 0);
    await using _closing = { [Symbol.asyncDispose]: () => closeServer(receiver) };
    const user = await gitea.createUser();
    const repository = await user.createRepository("app");
    const config = { url: `http://127.0.0.1:${portOf(receiver)}/`, content_type: "json", secret: "hush" };
    const hook = { type: "gitea", active: true, events: ["push"], config };
    await json(user, { method: "POST", path: `/repos/${repository.owner}/app/hooks`, body: hook });
    await pushCommit(user, repository, "refs/heads/main");
    const { event, signature, body } = await eventually(() => received[0], { what: "a webhook", timeoutMs });
    assert.equal(event, "push");
    assert.equal(signature, createHmac("sha256", "hush").update(body).digest("hex"));
    assert.partialDeepStrictEqual(JSON.parse(body), { ref: "refs/heads/main" });
  });
});
