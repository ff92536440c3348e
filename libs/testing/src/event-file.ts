import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type PostedEvents, type ReceivedEvent, waitIn } from "./event-receiver.ts";

/** What an event receiver of another process appends to this file from now on. */
export function followEvents(file: string): PostedEvents {
  const events: ReceivedEvent[] = [];
  let offset = statSync(file).size;
  const read = () => {
    const text = readFrom(file, offset);
    // The last line may not be whole yet.
    const whole = text.subarray(0, text.lastIndexOf("\n") + 1);
    offset += whole.length;
    const lines = whole.toString().split("\n").filter(Boolean);
    events.push(...lines.map((line) => JSON.parse(line) as ReceivedEvent));
    return events;
  };
  return {
    get events() {
      return read();
    },
    waitFor: waitIn(read),
  };
}

function readFrom(file: string, offset: number): Buffer {
  const length = statSync(file).size - offset;
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}
