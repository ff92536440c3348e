/**
 * How kustomize takes an entry before it looks for a directory: `http` is fetched, `git` is cloned, `file` names a place
 * on this machine, `local` is a path.
 */
export function placeOfEntry(entry: string): "local" | "http" | "git" | "file" {
  const plain = entry.replace(/^git::/i, "");
  if (/^\s*file:/i.test(plain)) return "file";
  if (/^\s*https?:/i.test(entry)) return "http";
  if (/^(https?|ssh):\/\//i.test(plain)) return "git";
  if (/^[a-z][a-z0-9-]*@/i.test(plain)) return "git";
  if (/^github\.com[/:]/i.test(plain)) return "git";
  return plain === entry ? "local" : "git";
}

/** A text without the credentials that the URLs in it may carry, which may also be in their queries. */
export function withoutCredentials(text: string): string {
  return withoutQueries(text.replaceAll(/\/\/[^/@\s]*@/g, "//"));
}

/** Parameters that kustomize reads. */
const ownParameters = ["ref=", "version=", "timeout=", "submodules="];

function withoutQueries(text: string): string {
  const [first = "", ...pieces] = text.split("?");
  let isUrl = wordsOf(first).at(-1)?.includes("://") === true;
  const shown = pieces.map((piece) => {
    const words = wordsOf(piece);
    const query = words[0] ?? "";
    const kept = isUrl ? withoutParameters(query) : `?${query}`;
    if (words.length > 1) isUrl = words.at(-1)?.includes("://") === true;
    return kept + piece.slice(query.length);
  });
  return first + shown.join("");
}

function wordsOf(text: string): string[] {
  return text.split(/[\s"'`]/);
}

function withoutParameters(query: string): string {
  const kept = query.split("&").filter((parameter) => ownParameters.some((own) => parameter.startsWith(own)));
  // A sentence goes on after it.
  const end = query.endsWith(":") && kept.at(-1)?.endsWith(":") !== true ? ":" : "";
  return (kept.length > 0 ? `?${kept.join("&")}` : "") + end;
}
