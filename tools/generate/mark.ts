/** Stands in every generated file, before what it is made from. */
export const mark = "Made by `npm run generate` from";
