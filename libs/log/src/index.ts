/**
 * JSON log lines, as Flux's controllers write them.
 *
 * - `createLogger`: a logger with a level; `with` adds fields to all of its lines.
 */
export { createLogger, type Logger, type LogLevel } from "./logger.ts";
