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

/** A text without the credentials that the URLs in it may carry. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/@\s]*@/g, "//");
}
