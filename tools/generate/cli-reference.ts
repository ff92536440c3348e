import { type CommandPage, commandPages, type DocumentedOption } from "@leat/cli";
import { code, table } from "./markdown.ts";

/** Pages of the reference of the command line, in Markdown by their file names. */
export function cliReference(): Map<string, string> {
  const pages = commandPages();
  const files = new Map(pages.map((page) => [`${fileNameOf(page)}.md`, `${pageLines(page, "#").join("\n\n")}\n`]));
  return files.set("README.md", `${overview(pages).join("\n\n")}\n`);
}

function overview(pages: readonly CommandPage[]): string[] {
  const groups = [...Map.groupBy(pages, ({ group }) => group)];
  return [
    "# The leat command",
    "What each command does, by what it is for. `leat <command> --help` tells the same.",
    ...groups.flatMap(([group, inGroup]) => [
      `## ${group}`,
      table(
        ["Command", "Does"],
        inGroup.map((page) => [`[${code(page.name)}](${fileNameOf(page)}.md)`, page.summary]),
      ),
    ]),
  ];
}

function pageLines(page: CommandPage, heading: string): string[] {
  const { name, description, usage, examples, options, exitCodes, commands } = page;
  return [
    `${heading} ${name}`,
    description,
    fenced([usage]),
    ...(examples.length === 0 ? [] : [`${heading}# Examples`, fenced(examples.flatMap(exampleLines))]),
    ...[...Map.groupBy(options, ({ group }) => group)].flatMap(([group, inGroup]) => [
      `${heading}# ${group}`,
      optionTable(inGroup),
    ]),
    ...(commands.length > 0 ? [] : [`${heading}# Exit codes`, exitCodeTable(exitCodes)]),
    ...commands.flatMap((command) => pageLines(command, `${heading}#`)),
  ];
}

function exampleLines({ line, meaning }: CommandPage["examples"][number]): string[] {
  return [`# ${meaning}`, `leat ${line}`];
}

function optionTable(options: readonly DocumentedOption[]): string {
  return table(
    ["Option", "Default", "Meaning"],
    options.map(({ flags, meaning, choices, default: byDefault }) => [
      code(flags),
      byDefault === "" ? "" : code(byDefault),
      choices.length === 0 ? meaning : `${meaning}: ${choices.map(code).join(", ")}`,
    ]),
  );
}

function exitCodeTable(exitCodes: CommandPage["exitCodes"]): string {
  return table(
    ["Code", "Meaning"],
    [...exitCodes].map(([exitCode, meaning]) => [code(String(exitCode)), meaning]),
  );
}

function fenced(lines: readonly string[]): string {
  return `\`\`\`sh\n${lines.join("\n")}\n\`\`\``;
}

function fileNameOf({ name }: CommandPage): string {
  return name.replace(/^leat /, "");
}
