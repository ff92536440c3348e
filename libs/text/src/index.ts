/**
 * Work on text that tenants control: linear in its size, and in turns on the event loop.
 *
 * - `compileGlob`: globs for one name, matched without backtracking.
 * - `withoutTrailing`: trims characters from the end.
 * - `programSize`: what a regular expression of RE2 costs, before it is compiled.
 * - `sortInTurns`: sorts many items.
 * - `turns`: yields to the event loop by a clock.
 */
export { compileGlob, type Glob, type GlobEnd, type GlobMatch } from "./glob.ts";
export { maxProgramSize, programSize } from "./program-size.ts";
export { sortInTurns } from "./sort-in-turns.ts";
export { turns } from "./turns.ts";
export { withoutTrailing } from "./without-trailing.ts";
