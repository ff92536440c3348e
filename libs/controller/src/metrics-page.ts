import type { Metrics } from "./metrics.ts";

const freshMs = 1000;

/** What a scrape gets: rendered once a second at most, and once in memory, however many clients there are. */
export function createMetricsPage(
  { text }: Pick<Metrics, "text">,
  now: () => number = () => performance.now(),
): () => Promise<Buffer> {
  let page: Promise<Buffer> | undefined;
  let renderedAt = 0;
  return () => {
    if (page === undefined || now() - renderedAt >= freshMs) {
      renderedAt = now();
      page = text().then((rendered) => Buffer.from(rendered));
    }
    return page;
  };
}
