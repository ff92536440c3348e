/** As whom the command line changes fields. */
export const fieldManager = "leat";
