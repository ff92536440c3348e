import { Fault } from "@leat/api";

/** What artifacts take: bytes on disk, and entries, whose paths and digests are in memory. */
export interface Size {
  bytes: number;
  entries: number;
}

/** The part of the space that one artifact takes, until it is disposed of. */
export interface Reservation extends Disposable {
  /**
   * Takes what it lacks to this size, after artifacts that are not in use have made room.
   *
   * @throws Fault `ArtifactFailed` if artifacts in use leave no room
   */
  growTo: (size: Partial<Size>) => Promise<void>;
  /** For a part of the artifact, with a file handle, that may outlast it: disposed of separately. */
  part: () => Reservation;
}

/** Space that is shared by artifacts. */
export interface Space {
  reserve: () => Reservation;
}

/** So many entries an artifact counts as, and each of its parts, for its file handle. */
const overheads = { artifact: 150, part: 50 };

/** The last quarter of the space is for artifacts smaller than this part of it: large ones in use cannot stop small ones. */
const small = 1 / 32;

/** @param makeRoom removes one artifact that is not in use; `false` if there is none */
export function createSpace(limits: Size, makeRoom: () => Promise<boolean>): Space {
  const used: Size = { bytes: 0, entries: 0 };
  /** @param whole what the artifact takes, with all its parts */
  const reserve = (overhead: number, whole: Size): Reservation => {
    const own: Size = { bytes: 0, entries: 0 };
    const missing = (unit: keyof Size, size: number) => Math.max(0, size - own[unit]);
    const fits = (unit: keyof Size, more: number): boolean => {
      const part = whole[unit] + more <= limits[unit] * small ? 1 : 3 / 4;
      return more === 0 || used[unit] + more <= limits[unit] * part;
    };
    const grow = async (unit: keyof Size, size: number) => {
      while (!fits(unit, missing(unit, size))) if (!(await makeRoom())) throw full(limits);
      const more = missing(unit, size);
      for (const taken of [own, whole, used]) taken[unit] += more;
    };
    return {
      growTo: async ({ bytes = 0, entries = 0 }) => {
        await grow("bytes", bytes);
        await grow("entries", entries + overhead);
      },
      part: () => reserve(overheads.part, whole),
      [Symbol.dispose]: () => {
        for (const unit of ["bytes", "entries"] as const) {
          used[unit] -= own[unit];
          whole[unit] -= own[unit];
          own[unit] = 0;
        }
      },
    };
  };
  return { reserve: () => reserve(overheads.artifact, { bytes: 0, entries: 0 }) };
}

function full({ bytes, entries }: Size): Fault {
  const limit = `${Math.floor(bytes / 1024 ** 2)} MiB and ${entries} entries`;
  return new Fault(
    "ArtifactFailed",
    `not enough space for the artifact: artifacts in use leave too little of the ${limit} that the controller keeps`,
  );
}
