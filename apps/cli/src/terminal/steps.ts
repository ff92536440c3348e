import { duration } from "./duration.ts";
import type { Terminal } from "./terminal.ts";

/** Steps of bringing something up, each with its time. */
export interface Steps {
  /** Runs one step; `progress` says how far it is. */
  step: <T>(title: string, work: (progress: (text: string) => void) => Promise<T>) => Promise<T>;
}

const titleWidth = 60;

export function createSteps(terminal: Terminal): Steps {
  return {
    step: async (title, work) => {
      const since = performance.now();
      const write = (detail: string) => terminal.passing(`   … ${title}${detail}`);
      write("");
      try {
        const made = await work((text) => write(`: ${text}`));
        const after = terminal.style("dim", duration(performance.now() - since).padStart(titleWidth - title.length));
        terminal.line(`   ${terminal.style("green", "✓")} ${title} ${after}`);
        return made;
      } catch (error) {
        terminal.line(`   ${terminal.style("red", "✗")} ${title}`);
        throw error;
      }
    },
  };
}
