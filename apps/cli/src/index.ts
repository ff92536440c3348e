export { type CommandPage, commandPages, type DocumentedOption } from "./command-pages.ts";
