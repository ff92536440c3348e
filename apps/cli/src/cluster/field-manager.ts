/** Field manager of the command line. */
export const fieldManager = "leat";
