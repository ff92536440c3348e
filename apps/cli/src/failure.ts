/**
 * What a command was asked for was not done, or is not so: it ends with 1. The message says what to do, and is empty where
 * everything is told already.
 */
export class Failure extends Error {
  override readonly name = "Failure";
}
