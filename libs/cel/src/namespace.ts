import type { Environment } from "@marcbachmann/cel-js";

/** Adds functions that are called as `name.function(…)`, by their signatures. */
export function addNamespace(
  environment: Environment,
  name: string,
  functions: Readonly<Record<string, (...given: never[]) => unknown>>,
): void {
  // The library tells types by their constructors.
  const Namespace = function Namespace() {};
  const type = `${name}Namespace`;
  environment.registerType(type, Namespace).registerConstant(name, type, Object.create(Namespace.prototype));
  for (const [signature, handler] of Object.entries(functions)) {
    const member = (_: unknown, ...given: never[]) => handler(...given);
    environment.registerFunction(`${type}.${signature}`, member, { async: false });
  }
}
