export { type CommandPage, commandPages, type DocumentedOption } from "./program/command-pages.ts";
