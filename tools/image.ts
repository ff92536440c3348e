/**
 * `node tools/image.ts <controller> <directory>`: puts all files of a controller's image below a directory. images/Dockerfile
 * runs it in the system that the image is made of.
 */
import { resolve } from "node:path";
import { assembleImage } from "./image/assemble.ts";
import { images } from "./image/images.ts";

const root = resolve(import.meta.dirname, "..");
const [name, directory] = process.argv.slice(2);
const image = images.find(({ program }) => program.name === name);
if (image === undefined || directory === undefined) {
  const names = images.map(({ program }) => program.name).join("|");
  console.error(`Usage: node tools/image.ts ${names} <directory>`);
  process.exit(2);
}
await assembleImage(root, image, resolve(directory));
