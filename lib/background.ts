import { log } from "./log";

/** Work that nobody waits for, one piece at a time; what comes while too many wait is left out. */
export interface Background {
  /** False when it is left out. */
  add(work: () => Promise<void>): boolean;
  /** Ends after the piece that runs; what waits is left out. */
  close(): Promise<void>;
}

const MOST_WAITING = 100;

export function openBackground(mostWaiting = MOST_WAITING): Background {
  const waiting: (() => Promise<void>)[] = [];
  let running: Promise<void> | undefined;
  const run = async () => {
    for (let work = waiting.shift(); work; work = waiting.shift())
      await work().catch((error: Error) =>
        log().warn({ error: error.message }, "work in the background failed"),
      );
    running = undefined;
  };
  return {
    add(work) {
      if (waiting.length >= mostWaiting) return false;
      waiting.push(work);
      running ??= run();
      return true;
    },
    async close() {
      waiting.length = 0;
      await running;
    },
  };
}
