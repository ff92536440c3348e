import { Fault, Reason } from "@leat/api";
import { findProgram } from "@leat/process";

/**
 * The path of the kustomize binary.
 *
 * @param searchPath directories, as `PATH` lists them
 * @throws Fault `BuildFailed` where none of them has it
 */
export async function kustomizeBinary(name: string, searchPath: string | undefined): Promise<string> {
  const path = await findProgram(name, searchPath);
  if (path !== undefined) return path;
  throw new Fault(Reason.BuildFailed, `${name} not found in the PATH: install it, or set --kustomize-binary`);
}
