import type { ConfigData } from "@leat/kube";
import { type Denied, isDenied, textsIn } from "./read-settings.ts";

/** A user and a password, which may be empty. */
export interface BasicAuth {
  kind: "basic";
  username: string;
  password: string;
}

/** `username` and `password` of a Secret; none if it has neither. */
export function basicAuthIn(secret: ConfigData): BasicAuth | Denied | undefined {
  const texts = textsIn(secret, ["username", "password"]);
  if (isDenied(texts)) return texts;
  const { username, password = "" } = texts;
  if (username) return { kind: "basic", username, password };
  return password ? { why: `${secret.subject} has a password but no username` } : undefined;
}
