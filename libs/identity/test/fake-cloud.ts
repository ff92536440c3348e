import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttp, type Environment } from "@leat/http";
import { type InternetAnswer, type InternetRequest, startInternet } from "@leat/testing";
import type { Cloud } from "../src/cloud.ts";
import { createTokenCache } from "../src/token-cache.ts";

/** Answers by method and URL: `POST https://sts.eu-west-1.amazonaws.com/`. Other requests get 404. */
export type Answers = Readonly<Record<string, InternetAnswer>>;

export interface FakeCloud extends AsyncDisposable {
  cloud: Cloud;
  requests: readonly InternetRequest[];
}

/** A cloud and the metadata services of its nodes, at the addresses that they have in truth. */
export async function openCloud(answers: Answers, env: Environment = {}): Promise<FakeCloud> {
  await using opening = new AsyncDisposableStack();
  const notFound: InternetAnswer = { status: 404, body: "not found" };
  const internet = opening.use(await startInternet(({ method, url }) => answers[`${method} ${url.href}`] ?? notFound));
  const { proxy, ca, requests } = internet;
  const http = opening.use(createHttp({ ca, proxies: () => proxy }));
  const cache = createTokenCache({ maxSize: 10, maxDurationMs: 3_600_000 });
  const opened = opening.move();
  return { cloud: { http, local: http, env, cache }, requests, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** A file of this content, such as the token that a variable of the environment names. */
export async function fileOf(content: string): Promise<{ path: string } & AsyncDisposable> {
  const directory = await mkdtempDisposable(join(tmpdir(), "leat-identity-"));
  const path = join(directory.path, "file");
  await writeFile(path, content);
  return { path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}
