/**
 * Why a text cannot be expanded, for a person. Thrown inside the package and turned into the answer `rejected` by `expand`.
 * It names variables and never quotes the text or a value: both may be secret.
 */
export class Rejection extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Rejection";
  }
}
