import { main } from "@leat/controller";
import { sourceController } from "./program.ts";

await main(sourceController);
