import { main } from "@leat/controller";
import { kustomizeController } from "./program.ts";

await main(kustomizeController);
