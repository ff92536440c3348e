import type { UnpackedPart } from "./unpack-part.ts";

interface Held {
  part: UnpackedPart;
  users: number;
}

/** Unpacked parts that several artifacts have, until the last of these is disposed of. */
export class SharedParts {
  /** By the digests of their compressed bytes. */
  readonly #held = new Map<string, Held>();

  /** A part that an artifact has; to be disposed of. */
  find(digest: string): UnpackedPart | undefined {
    const held = this.#held.get(digest);
    return held && this.#use(digest, held);
  }

  /** Gives the part to those that find it. @returns what is to be disposed of in its place */
  share(digest: string, part: UnpackedPart): UnpackedPart {
    const held: Held = { part, users: 0 };
    this.#held.set(digest, held);
    return this.#use(digest, held);
  }

  #use(digest: string, held: Held): UnpackedPart {
    held.users += 1;
    const release = async () => {
      held.users -= 1;
      if (held.users > 0) return;
      if (this.#held.get(digest) === held) this.#held.delete(digest);
      await held.part[Symbol.asyncDispose]();
    };
    return { ...held.part, [Symbol.asyncDispose]: release };
  }
}
