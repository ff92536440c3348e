import { readFile } from "node:fs/promises";
import { type ApiConnection, createObject, requestApi } from "./api-request.ts";
import type { ControlPlane } from "./control-plane.ts";

/** A namespace of one test; disposing of it asks for its deletion and waits for nothing. */
export interface TestNamespace extends AsyncDisposable {
  name: string;
}

/** @param prefix start of the name, to find it by: `<prefix>-<five letters>` */
export async function createTestNamespace(controlPlane: ControlPlane, prefix = "test"): Promise<TestNamespace> {
  const { url, token } = controlPlane;
  const connection: ApiConnection = { url, token, ca: await readFile(controlPlane.caFile, "utf8") };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { generateName: `${prefix}-` } };
  const created = await createObject(connection, "/api/v1/namespaces", namespace);
  const { name } = (created as { metadata: { name: string } }).metadata;
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await requestApi(connection, { method: "DELETE", path: `/api/v1/namespaces/${name}` });
    },
  };
}
