import { plainText } from "./plain.ts";
import type { Comment, Leaf, EncryptedFile } from "./encrypted-file.ts";
import { isEncrypted } from "./encrypted-value.ts";
import { unflatten } from "./unflatten.ts";

const prefix = "sops_";

/** Reads lines of `KEY=value`; lines that sops would not read stay as they are. */
export function readDotenv(text: string): EncryptedFile {
  const metadata: Array<readonly [string, string]> = [];
  const leaves: Leaf[] = [];
  const comments: Comment[] = [];
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const at = line.startsWith("#") ? -1 : line.indexOf("=");
    const [key, value] = [
      line.slice(0, Math.max(at, 0)),
      line
        .slice(at + 1)
        .split("\\n")
        .join("\n"),
    ];
    if (key.startsWith(prefix)) metadata.push([key.slice(prefix.length), value]);
    else if (at === -1) {
      const index = lines.push(line) - 1;
      const put: Comment["put"] = (comment) => void (lines[index] = `#${comment}`);
      if (isEncrypted(line.slice(1))) comments.push({ places: [[]], found: line.slice(1), put });
    } else {
      const index = lines.push(line) - 1;
      const put: Leaf["put"] = ({ bytes }) =>
        void (lines[index] = `${key}=${bytes.toString().split("\n").join("\\n")}`);
      leaves.push({ path: [key], found: plainText(value), put });
    }
  }
  return {
    parts: [{ metadata: unflatten(metadata), leaves, comments }],
    write: async () => Buffer.from(lines.join("\n")),
  };
}
