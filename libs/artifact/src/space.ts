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
}

/** Space that is shared by artifacts. */
export interface Space {
  reserve: () => Reservation;
}

/** An artifact has a file handle too, which counts as so many entries. */
const entriesOfHandle = 200;

/** The last quarter of the space is for artifacts smaller than this part of it: large ones in use cannot stop small ones. */
const small = 1 / 32;

/** @param makeRoom removes one artifact that is not in use; `false` if there is none */
export function createSpace(limits: Size, makeRoom: () => Promise<boolean>): Space {
  const used: Size = { bytes: 0, entries: 0 };
  const fits = (unit: keyof Size, size: number, more: number): boolean => {
    const part = size <= limits[unit] * small ? 1 : 3 / 4;
    return more <= 0 || used[unit] + more <= limits[unit] * part;
  };
  return {
    reserve: () => {
      const own: Size = { bytes: 0, entries: 0 };
      const grow = async (unit: keyof Size, size: number) => {
        while (!fits(unit, size, size - own[unit])) if (!(await makeRoom())) throw full(limits);
        const more = Math.max(0, size - own[unit]);
        own[unit] += more;
        used[unit] += more;
      };
      return {
        growTo: async ({ bytes = 0, entries = 0 }) => {
          await grow("bytes", bytes);
          await grow("entries", entries + entriesOfHandle);
        },
        [Symbol.dispose]: () => {
          used.bytes -= own.bytes;
          used.entries -= own.entries;
          own.bytes = own.entries = 0;
        },
      };
    },
  };
}

function full({ bytes, entries }: Size): Fault {
  const limit = `${Math.floor(bytes / 1024 ** 2)} MiB and ${entries} entries`;
  return new Fault(
    "ArtifactFailed",
    `not enough space for the artifact: artifacts in use leave too little of the ${limit} that the controller keeps`,
  );
}
