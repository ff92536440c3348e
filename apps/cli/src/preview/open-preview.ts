import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kustomization } from "@leat/api";
import { createHttp, type Http, proxiesOf } from "@leat/http";
import type { Kube } from "@leat/kube";
import type { Context } from "../program/context.ts";
import { createLocalSources } from "./local-source.ts";
import type { PreviewOptions } from "./preview-options.ts";
import { type Rendered, renderAll } from "./render-all.ts";
import { createRendering } from "./rendering.ts";

/** A command line's way to build. */
export interface PreviewRun extends AsyncDisposable {
  /** @throws Failure */
  render: (root: Kustomization) => Promise<Rendered[]>;
  /** Tells a person what the output does not. */
  warn: (text: string) => void;
  /** For requests to other servers than the cluster's. */
  http: Http;
}

/** @param kube `undefined` without a cluster */
export async function openPreview(
  options: PreviewOptions,
  { environment, err }: Context,
  { kube, signal }: { kube: Kube | undefined; signal: AbortSignal },
): Promise<PreviewRun> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await mkdtempDisposable(join(tmpdir(), "leat-preview-")));
  const http = stack.use(createHttp({ proxies: proxiesOf(environment) }));
  const warn = (text: string) => err.line(`leat: ${text}`);
  const { strictSubstitute: isStrict = true, remoteBases, ...given } = options;
  const rendering = stack.use(
    createRendering({
      ...given,
      kube,
      http,
      isStrict,
      noRemoteBases: !remoteBases,
      sopsAgeSecret: options.sopsAgeSecret,
      environment,
      directory,
      warn,
    }),
  );
  const locals = createLocalSources({ environment, signal });
  const { path, ignorePaths, localSources } = options;
  const opened = stack.move();
  return {
    render: (root) => renderAll(root, path, { rendering, locals, kube, ignorePaths, localSources, signal }),
    warn,
    http,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
