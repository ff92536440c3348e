import { parseLabelSelector } from "@leat/kube";
import { InvalidArgumentError } from "commander";

/**
 * A label selector as the API server takes it.
 *
 * @throws InvalidArgumentError for what is not one
 */
export function labelSelector(text: string): string {
  if (parseLabelSelector(text) === undefined) throw new InvalidArgumentError("Write it like team=shop,!canary.");
  return text;
}
