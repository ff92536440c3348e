/**
 * What a file or a key does not permit. Thrown inside the package and turned into the answer `rejected`; it never leaves the
 * package. Its message holds no decrypted value and no part of a key.
 */
export class Rejection extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Rejection";
  }
}
