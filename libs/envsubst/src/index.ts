/**
 * Variables in text, such as `${name:=default}`, with the grammar that Flux uses for post-build substitution.
 *
 * - `expand`: the text with its variables replaced, or the reason why it is invalid. Time and memory are linear in the input.
 */
export { expand, type Expanded, type Expansion } from "./expand.ts";
