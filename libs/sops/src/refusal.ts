/**
 * What a file or a key does not permit. Thrown inside the package and turned into the answer `refused`; it never leaves the
 * package. Its message holds no decrypted value and no part of a key.
 */
export class Refusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Refusal";
  }
}
