import type { Environment } from "@marcbachmann/cel-js";
import { addNamespace } from "./namespace.ts";
import { wrong } from "./wrong.ts";

/** cel-go's extension for encodings. */
export function addEncoders(environment: Environment): void {
  addNamespace(environment, "base64", {
    "encode(bytes): string": (bytes: Uint8Array) => Buffer.from(bytes).toString("base64"),
    "decode(string): bytes": decode,
  });
}

/** With its padding or without. */
function decode(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw wrong("invalid_base64");
  return Buffer.from(text, "base64");
}
