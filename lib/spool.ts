import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { log } from "./log";

/**
 * Events that must survive this process and a database that is away: each is a line in a file before its
 * answer leaves, and is delivered in batches afterwards. A line may be delivered twice, never lost, so
 * `deliver` must be idempotent.
 */
export interface Spool<E> {
  /** Throws when the line cannot be written: an answer without its event must not leave. */
  append(event: E): void;
  /** Delivers all that is here. False when some of it has to wait for the next try. */
  flush(): Promise<boolean>;
  /** Events written and not delivered, of this process and of those it adopts. */
  pending(): number;
  close(): Promise<void>;
}

const ROTATE_MS = 1000;
const ADOPT_MS = 30_000;
/** A file of another machine is taken over when it is older than any file that is still written to. */
const ABANDONED_MS = 60_000;
const LINES_PER_DELIVERY = 500;
const HOST = hostname().replaceAll(/[^A-Za-z0-9]/g, "");

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The finished files of processes that are gone. */
async function abandonedIn(dir: string): Promise<string[]> {
  const out: string[] = [];
  for (const name of await readdir(dir)) {
    const match = /^(\d+)-([A-Za-z0-9]*)-[0-9a-z]+-\d+\.ndjson$/.exec(name);
    if (!match) continue;
    const path = join(dir, name);
    const isOurs = match[2] === HOST;
    const written = (await stat(path).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (isOurs ? !isAlive(Number(match[1])) : written < Date.now() - ABANDONED_MS) out.push(path);
  }
  return out;
}

async function readEvents<E>(path: string): Promise<E[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const events: E[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    try {
      events.push(JSON.parse(line) as E);
    } catch {
      // Cut off while being written: its answer never left.
      log().warn({ path }, "unfinished spool line dropped");
    }
  }
  return events;
}

export async function openSpool<E>(
  dir: string,
  deliver: (events: E[]) => Promise<void>,
  rotateMs = ROTATE_MS,
): Promise<Spool<E>> {
  mkdirSync(dir, { recursive: true });
  const prefix = `${process.pid}-${HOST}-${Date.now().toString(36)}`;
  let count = 0;
  let current: { fd: number; path: string; lines: number } | undefined;
  let running: Promise<boolean> | undefined;
  /** Finished files and how many lines each holds. */
  const waiting = new Map<string, number>();

  const adopt = async () => {
    for (const path of await abandonedIn(dir))
      if (!waiting.has(path)) waiting.set(path, (await readEvents<E>(path)).length);
  };
  // A predecessor with the same process id (a restarted container) has not been told apart by its name alone.
  for (const name of await readdir(dir))
    if (name.startsWith(`${process.pid}-${HOST}-`))
      waiting.set(join(dir, name), (await readEvents<E>(join(dir, name))).length);
  await adopt();

  const rotate = () => {
    if (!current) return;
    closeSync(current.fd);
    waiting.set(current.path, current.lines);
    current = undefined;
  };

  const deliverAll = async (): Promise<boolean> => {
    rotate();
    for (const path of [...waiting.keys()]) {
      try {
        const events = await readEvents<E>(path);
        for (let at = 0; at < events.length; at += LINES_PER_DELIVERY)
          await deliver(events.slice(at, at + LINES_PER_DELIVERY));
        await rm(path, { force: true });
        waiting.delete(path);
      } catch (error) {
        log().warn({ path, error: error instanceof Error ? error.message : "" }, "spool waits");
        return false;
      }
    }
    return true;
  };
  const flush = async (): Promise<boolean> => {
    // A caller that comes during a delivery wants its own events delivered too.
    while (running) await running;
    running = deliverAll().finally(() => {
      running = undefined;
    });
    return running;
  };

  const timers = [
    setInterval(() => void (running ?? flush()), rotateMs),
    setInterval(() => void adopt().catch(() => {}), ADOPT_MS),
  ];
  for (const timer of timers) timer.unref();

  return {
    append(event) {
      if (!current) {
        const path = join(dir, `${prefix}-${count++}.ndjson`);
        current = { fd: openSync(path, "a", 0o600), path, lines: 0 };
      }
      writeSync(current.fd, `${JSON.stringify(event)}\n`);
      current.lines++;
    },
    flush,
    pending: () => [...waiting.values()].reduce((sum, lines) => sum + lines, current?.lines ?? 0),
    async close() {
      for (const timer of timers) clearInterval(timer);
      await flush();
    },
  };
}
