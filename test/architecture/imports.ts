import { parseSync, Visitor } from "oxc-parser";

/**
 * Every module that a source file names, as it is written there: static, dynamic, type and `import("…")` in a type.
 *
 * @throws Error when the file does not parse, or imports what is only known when it runs
 */
export function importsOf(path: string, source: string): string[] {
  const { program, module, errors } = parseSync(path, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);

  const named = new Set(module.staticImports.map(({ moduleRequest }) => moduleRequest.value));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) named.add(moduleRequest.value);
  }
  new Visitor({
    ImportExpression: ({ source: from }) => {
      if (from.type !== "Literal" || typeof from.value !== "string") {
        throw new Error(`${path}: a dynamic import must name its module in a plain string`);
      }
      named.add(from.value);
    },
    TSImportType: ({ source: from }) => void named.add(from.value),
  }).visit(program);
  return [...named];
}
