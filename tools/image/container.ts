import { join } from "node:path";
import { small } from "../bundle/programs.ts";

/** The user that the container runs as: a number, so that Kubernetes sees that it is not root. */
export const user = 65532;

export const nodePath = "/usr/local/bin/node";

/** Where the bundle is, and what it is called there: the same in every image, so that one Dockerfile starts them all. */
export const bundleDirectory = "/app";
export const bundleName = "controller";

/** What the container runs. */
export const entrypoint = [nodePath, ...small.nodeFlags, join(bundleDirectory, `${bundleName}.mjs`)];
