/**
 * `node tools/image.ts <controller> <directory>`: puts all files of a controller's image below a directory. images/Dockerfile
 * runs it in the system that the image is made of.
 */
import { resolve } from "node:path";
import { controllers } from "@leat/controllers";
import { assembleImage } from "./image/assemble.ts";

const root = resolve(import.meta.dirname, "..");
const [name, directory] = process.argv.slice(2);
const controller = controllers.find((each) => each.name === name);
if (controller === undefined || directory === undefined) {
  const names = controllers.map((each) => each.name).join("|");
  console.error(`Usage: node tools/image.ts ${names} <directory>`);
  process.exit(2);
}
await assembleImage(root, controller, resolve(directory));
