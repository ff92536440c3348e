/**
 * Variables in text, such as `${name:=default}`, with the grammar that Flux uses for post-build substitution.
 *
 * - `expand`: the text with its variables replaced, or the reason why it is invalid.
 * - `createBudget`: limits what all the texts of a run may cost together.
 */
export { type Budget, createBudget } from "./budget.ts";
export { expand, type Expanded, type Expansion } from "./expand.ts";
