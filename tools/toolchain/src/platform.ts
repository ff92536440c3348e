/** System and processor as Go names them, for example `linux/amd64`. */
export type Platform = `${string}/${string}`;

export function thisPlatform(): Platform {
  const processor = process.arch === "x64" ? "amd64" : process.arch;
  return `${process.platform}/${processor}`;
}
