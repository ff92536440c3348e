import type { KubeObject } from "@leat/api";
import { stringifyYaml } from "@leat/yaml";
import { Option } from "commander";

/** `table` is what is printed without `-o`. */
export type Format = "table" | "wide" | "json" | "yaml" | "name";

export function outputOption(): Option {
  return new Option("-o, --output <format>", "output format").choices(["json", "yaml", "wide", "name"]);
}

/** How to print what is not an object of a cluster: as text for people where it is not given. */
export type DataFormat = "json" | "yaml";

export function dataOption(): Option {
  return new Option("-o, --output <format>", "output format").choices(["json", "yaml"]);
}

export function serializedData(data: object, format: DataFormat): string {
  return format === "json" ? JSON.stringify(data, undefined, 2) : stringifyYaml(data).trimEnd();
}

/** Text for other programs: a single object as it is, several as a List. */
export function serialized(objects: readonly KubeObject[], format: "json" | "yaml" | "name", single = false): string {
  if (format === "name") return objects.map(qualifiedName).join("\n");
  const shown = objects.map(readable);
  const whole = single ? shown[0] : { apiVersion: "v1", kind: "List", metadata: {}, items: shown };
  return serializedData(whole as object, format);
}

/** Who manages which field is longer than the rest, and seldom what is looked for. */
export function readable(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function qualifiedName({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  return `${kind.toLowerCase()}${group}/${metadata.name}`;
}
