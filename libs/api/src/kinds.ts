import { Kustomization } from "./kustomize/kustomization.ts";
import type { ResourceDefinition } from "./resource.ts";
import { GitRepository } from "./source/git-repository.ts";

/** Every kind that is defined here: the sources first, then what is applied from them. */
export const kinds: readonly ResourceDefinition[] = [GitRepository, Kustomization];
