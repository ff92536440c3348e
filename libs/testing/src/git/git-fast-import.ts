/** What a commit does to a path; `null` removes it. */
export type FileContent =
  | string
  | Uint8Array
  | { executable: string | Uint8Array }
  | { symlink: string }
  | { submodule: string }
  | null;

export interface CommitStream {
  ref: string;
  /** Commit before it, `null` for none. */
  parent: string | null;
  message: string;
  /** Seconds since 1970, as author and committer date. */
  time: number;
  files: Record<string, FileContent>;
}

const author = "Leat Test <test@leat.dev>";

/** A stream for `git fast-import` that makes one commit and prints its id. */
export function commitStream({ ref, parent, message, time, files }: CommitStream): Buffer {
  const head = [
    `commit ${ref}`,
    "mark :1",
    `author ${author} ${time} +0000`,
    `committer ${author} ${time} +0000`,
    "",
  ].join("\n");
  // Without it, fast-import would go on from what the ref was at earlier.
  const from = parent === null ? "" : `from ${parent}\n`;
  const reset = parent === null ? `reset ${ref}\n\n` : "";
  const changes = Object.entries(files).map(([path, content]) => change(path, content));
  return Buffer.concat([
    Buffer.from(reset + head),
    data(message),
    Buffer.from(from),
    ...changes,
    Buffer.from("\nget-mark :1\ndone\n"),
  ]);
}

export interface TagStream {
  name: string;
  target: string;
  /** Message of an annotated tag. */
  message: string;
  time: number;
}

/** A stream that makes one annotated tag. */
export function tagStream({ name, target, message, time }: TagStream): Buffer {
  return Buffer.concat([
    Buffer.from(`tag ${name}\nfrom ${target}\ntagger ${author} ${time} +0000\n`),
    data(message),
    Buffer.from("done\n"),
  ]);
}

function change(path: string, content: FileContent): Buffer {
  if (content === null) return Buffer.from(`D ${quoted(path)}\n`);
  if (typeof content === "string" || content instanceof Uint8Array) return file("100644", path, content);
  if ("executable" in content) return file("100755", path, content.executable);
  if ("symlink" in content) return file("120000", path, content.symlink);
  return Buffer.from(`M 160000 ${content.submodule} ${quoted(path)}\n`);
}

function file(mode: string, path: string, content: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`M ${mode} inline ${quoted(path)}\n`), data(content)]);
}

function data(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}

function quoted(path: string): string {
  const escaped = path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
