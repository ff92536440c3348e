/** Cuts the digests in a text to what people tell them apart by: `main@sha1:67e2c98a`. */
export function shortDigests(text: string): string {
  return text.replaceAll(/\b(sha1|sha256|sha384|sha512|blake3):([0-9a-f]{8})[0-9a-f]{32,}/g, "$1:$2");
}
