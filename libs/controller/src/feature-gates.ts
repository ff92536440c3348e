import * as z from "zod";
import { suggestion } from "./suggestion.ts";

/** Features that can be enabled and disabled, by name, with their defaults. */
export type FeatureGates = Readonly<Record<string, boolean>>;

/** A flag that takes `A=true,B=false`; read as all gates that there are, with their states. */
export function gatesFlag<Gates extends FeatureGates>(defaults: Gates): z.ZodType<Record<keyof Gates, boolean>> {
  return z
    .string()
    .default("")
    .transform((text, context) => {
      const gates: Record<string, boolean> = { ...defaults };
      for (const setting of text.split(",").filter(Boolean)) {
        const [name = "", state] = setting.trim().split("=");
        if (!Object.hasOwn(defaults, name)) {
          context.addIssue(`unknown feature gate ${name}${suggestion(name, Object.keys(defaults))}`);
        } else if (state === "true" || state === "false") {
          gates[name] = state === "true";
        } else {
          context.addIssue(`expected ${name}=true or ${name}=false`);
        }
      }
      return gates as Record<keyof Gates, boolean>;
    });
}
