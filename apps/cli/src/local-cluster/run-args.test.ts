import assert from "node:assert/strict";
import { test } from "node:test";
import { type Binaries, searchPathOf } from "./prepare-binaries.ts";
import { runArgs } from "./run-args.ts";

const binaries = {
  kubectl: "/k8s/kubectl",
  "kube-apiserver": "/k8s/kube-apiserver",
  kustomize: "/kustomize/kustomize",
  "kustomize-renderer": "/renderer/kustomize-renderer",
} as Binaries;

test("controllers on this machine store where they may, and find their programs", () => {
  const args = runArgs({ kubeconfig: "/c/kubeconfig", binaries, directory: "/c/controllers", port: "9090" });
  assert.deepEqual(args, [
    "run",
    "--controllers",
    "source,kustomize",
    "--kubeconfig=/c/kubeconfig",
    "--storage-path=/c/controllers/storage",
    "--storage-addr=127.0.0.1:9090",
    "--storage-adv-addr=",
    "--work-directory=/c/controllers/work",
    "--kustomize-binary=/kustomize/kustomize",
    "--kustomize-renderer=/renderer/kustomize-renderer",
  ]);
});

test("the PATH has what a person and `leat build` run, with the renderer where there is one", () => {
  assert.equal(searchPathOf(binaries), "/k8s:/kustomize:/renderer");
  const { "kustomize-renderer": _, ...without } = binaries;
  assert.equal(searchPathOf(without), "/k8s:/kustomize");
});
