/**
 * A field name as kustomize compares it: without regard to case, by Unicode's simple folding, in which `ſ` is `s` and the
 * Kelvin sign is `k`.
 */
export function foldName(name: string): string {
  return name.toUpperCase().toLowerCase();
}
