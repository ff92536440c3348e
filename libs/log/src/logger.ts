export type LogLevel = "debug" | "info" | "error";

/** Fields of a log line. An `err` field is written as `error` (its message with all causes) and, for bugs, `stacktrace`. */
export type LogFields = Record<string, unknown>;

export interface Logger {
  debug: (message: string, fields?: LogFields) => void;
  info: (message: string, fields?: LogFields) => void;
  error: (message: string, fields?: LogFields) => void;
  /** A logger whose every line carries `fields` as well. */
  with: (fields: LogFields) => Logger;
}

const severity = { debug: 0, info: 1, error: 2 } satisfies Record<LogLevel, number>;

/**
 * Writes one JSON object a line, with the field names that Flux's controllers use: `level`, `ts` (RFC 3339), `msg`, `error`.
 *
 * @param level lines below it are dropped
 * @param write takes a whole line, its newline included
 */
export function createLogger(level: LogLevel, write: (line: string) => void, bound: LogFields = {}): Logger {
  const at =
    (lineLevel: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (severity[lineLevel] < severity[level]) return;
      const line = { level: lineLevel, ts: new Date().toISOString(), msg: message, ...bound, ...printable(fields) };
      write(`${JSON.stringify(line)}\n`);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    error: at("error"),
    with: (fields) => createLogger(level, write, { ...bound, ...fields }),
  };
}

function printable({ err, ...fields }: LogFields): LogFields {
  if (err === undefined) return fields;
  return { ...fields, ...describeError(err) };
}

function describeError(err: unknown): LogFields {
  if (!(err instanceof Error)) return { error: String(err) };
  const messages: string[] = [];
  for (let cause: unknown = err; cause instanceof Error && messages.length < 5; cause = cause.cause) {
    if (!messages.includes(cause.message)) messages.push(cause.message);
  }
  const isFault = "reason" in err;
  return isFault ? { error: messages.join(": ") } : { error: messages.join(": "), stacktrace: err.stack };
}
