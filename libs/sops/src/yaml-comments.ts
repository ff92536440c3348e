import { type Document, isNode, isPair, isScalar, visit } from "yaml";
import type { Comment } from "./encrypted-file.ts";
import { isEncrypted } from "./encrypted-value.ts";

/**
 * The encrypted comments of a document. Go's YAML library and ours do not always agree on what a comment belongs to, so each
 * comes with all the places that it may have been encrypted for.
 */
export function commentsIn(document: Document.Parsed): Comment[] {
  const comments: Comment[] = [];
  let before: readonly string[] = [];
  const collect = (node: Commented, path: readonly string[]) => {
    for (const field of ["commentBefore", "comment"] as const) {
      const lines = node[field]?.split("\n") ?? [];
      if (!lines.some((line) => isEncrypted(line))) continue;
      comments.push(...encryptedIn(node, field, [...prefixesOf(path), ...prefixesOf(before)]));
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

function encryptedIn(node: Commented, field: "commentBefore" | "comment", places: Comment["places"]): Comment[] {
  const lines = node[field]?.split("\n") ?? [];
  return lines.flatMap((found, index) => {
    const put = (text: string) => {
      lines[index] = text;
      node[field] = lines.join("\n");
    };
    return isEncrypted(found) ? [{ places, found, put }] : [];
  });
}

function prefixesOf(path: readonly string[]): string[][] {
  return [path.length, ...path.keys()].map((length) => path.slice(0, length));
}
