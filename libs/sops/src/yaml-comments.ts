import { type Document, isNode, isPair, isScalar, visit } from "yaml";
import type { Comment } from "./encrypted-file.ts";
import { isEncrypted } from "./encrypted-value.ts";

/**
 * The encrypted comments of a document. Go's YAML library and ours do not always agree on what a comment belongs to, so each
 * comes with all the places that it may have been encrypted for.
 *
 * @param settle gets what is to be called before the document is written
 */
export function commentsIn(document: Document.Parsed, settle: Array<() => void>): Comment[] {
  const comments: Comment[] = [];
  let before: readonly string[] = [];
  const collect = (node: Commented, path: readonly string[]) => {
    for (const field of ["commentBefore", "comment"] as const) {
      const lines = node[field]?.split("\n") ?? [];
      if (!lines.some((line) => isEncrypted(line))) continue;
      for (const comment of encryptedIn(lines, placesOf(path, before))) comments.push(comment);
      settle.push(() => (node[field] = lines.join("\n")));
    }
    before = path;
  };
  visit(document, (_, node, ancestors) => {
    if (isNode(node))
      collect(
        node,
        ancestors.filter(isPair).map(({ key }) => (isScalar(key) ? String(key.value) : "")),
      );
  });
  collect(document, []);
  return comments;
}

interface Commented {
  commentBefore?: string | null | undefined;
  comment?: string | null | undefined;
}

function encryptedIn(lines: string[], places: Comment["places"]): Comment[] {
  return lines.flatMap((found, index) => {
    const put = (text: string) => void (lines[index] = text);
    return isEncrypted(found) ? [{ places, found, put }] : [];
  });
}

/** Each made when it is tried: of a deep path all together are large. */
function placesOf(...paths: ReadonlyArray<readonly string[]>): Comment["places"] {
  return {
    *[Symbol.iterator]() {
      for (const path of paths) for (const length of [path.length, ...path.keys()]) yield path.slice(0, length);
    },
  };
}
