import { boolCoreTag, boolYaml11Tag, mapTag, mergeTag, nullYaml11Tag, Schema, seqTag, strTag } from "js-yaml";
import { floatTag, integerTag } from "./numbers.ts";

const commonTags = [strTag, seqTag, mapTag, nullYaml11Tag, integerTag, floatTag, mergeTag];

export const kubectlSchema = new Schema([...commonTags, boolYaml11Tag]);

/** Kustomize reads `yes`, `on` and their likes as text. */
export const kustomizeSchema = new Schema([...commonTags, boolCoreTag]);
