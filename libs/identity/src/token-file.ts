import { readFile } from "node:fs/promises";
import { Fault, Reason } from "@leat/api";

/**
 * The token in a file that is rewritten again and again.
 *
 * @param variable of the environment, that names the file
 * @throws Fault where it cannot be read
 */
export async function readToken(path: string, variable: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw new Fault(Reason.AuthenticationFailed, `cannot read the token file of ${variable}: ${code} ${path}`, {
      cause,
    });
  }
}
