/**
 * What the files of the artifact or the overlay do not permit to build. Thrown inside the package and turned into the
 * answer `rejected` by the builder, so that no step has to hand it up; it never leaves the package.
 */
export class Rejection extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Rejection";
  }
}
