/** The formats in which sops encrypts; `binary` is anything else, in an envelope of JSON. */
export type Format = "yaml" | "json" | "dotenv" | "ini" | "binary";

/** The format that sops takes a file of this name for. */
export function formatOf(name: string): Format {
  if (/\.ya?ml$/.test(name)) return "yaml";
  if (/\.(?:json|dockerconfigjson)$/.test(name)) return "json";
  if (name.endsWith(".env")) return "dotenv";
  return name.endsWith(".ini") ? "ini" : "binary";
}

/** The syntax of a content that is encrypted, JSON being YAML; `undefined` where nothing says that it is encrypted. */
export function encryptedSyntax(content: Buffer): "yaml" | "dotenv" | "ini" | undefined {
  if (!content.includes("ENC[AES256_GCM,")) return undefined;
  const text = content.toString();
  if (/^sops_mac=ENC\[/m.test(text)) return "dotenv";
  if (/^mac[ \t]*=[ \t]*ENC\[/m.test(text)) return "ini";
  return /\bmac["']?[ \t]*:\s*["']?ENC\[/.test(text) ? "yaml" : undefined;
}
