/**
 * What is costly to open and to hold, by key, within a number of bytes; what was asked least recently goes first, and
 * nothing goes while it is in use. Two who ask for the same wait for one opening. Openings take turns, and each waits until
 * what it displaces is no longer in use; who asks for what was displaced meanwhile stands behind it, so no steady caller
 * keeps a newcomer out. What is larger than the whole pool is alone in it.
 */
export interface SessionPool<S> {
  /** Throws what `open` throws; on abort the signal's reason, and what is being opened is opened all the same. */
  use<R>(key: string, of: Opening<S>, work: (session: S) => Promise<R>, signal?: AbortSignal): Promise<R>;
  /** Lets one go that is of no use any more. */
  drop(key: string): void;
  /** Lets go of what nobody has asked for since then, as `performance.now()` counts. */
  sweep(since: number): void;
  sessions(): S[];
  /** Of what is open, being opened or not released yet. */
  sizeBytes(): number;
  close(): Promise<void>;
}
interface Opening<S> {
  sizeBytes: number;
  open(): Promise<S>;
}
interface Entry<S> {
  sizeBytes: number;
  opened: Promise<S>;
  /** Null until it is open. */
  session: S | null;
  users: number;
  usedAt: number;
  /** Its memory is taken. */
  isHeld: boolean;
}

export function createSessionPool<S extends { close(): Promise<void> }>(maxBytes: number): SessionPool<S> {
  /** In the order of their last use. */
  const entries = new Map<string, Entry<S>>();
  /** Out of `entries`, each with what happens when its last user is gone. */
  const leaving = new Map<Entry<S>, { gone: Promise<void>; release(): void }>();
  let turn: Promise<unknown> = Promise.resolve();
  const bytesOf = (list: Iterable<Entry<S>>) =>
    [...list].reduce((sum, { isHeld, sizeBytes }) => sum + (isHeld ? sizeBytes : 0), 0);

  function drop(key: string): void {
    const entry = entries.get(key);
    if (!entry?.session) return;
    entries.delete(key);
    const { session } = entry;
    let release = () => {};
    const idle = new Promise<void>((done) => {
      release = done;
    });
    const gone = idle
      .then(() => session.close())
      .catch(() => {})
      .finally(() => leaving.delete(entry));
    leaving.set(entry, { gone, release });
    if (entry.users === 0) release();
  }

  async function open(key: string, entry: Entry<S>, of: Opening<S>): Promise<S> {
    for (const [other, { session }] of [...entries]) {
      if (bytesOf(entries.values()) + entry.sizeBytes <= maxBytes) break;
      if (session) drop(other);
    }
    await Promise.all([...leaving.values()].map(({ gone }) => gone));
    entry.isHeld = true;
    try {
      entry.session = await of.open();
      return entry.session;
    } catch (error) {
      entries.delete(key);
      throw error;
    }
  }

  function begin(key: string, of: Opening<S>): Entry<S> {
    const entry: Entry<S> = {
      sizeBytes: of.sizeBytes,
      session: null,
      users: 0,
      usedAt: 0,
      isHeld: false,
      opened: turn.then(() => open(key, entry, of)),
    };
    turn = entry.opened.catch(() => {});
    return entry;
  }

  return {
    drop,
    sizeBytes: () => bytesOf(entries.values()) + bytesOf(leaving.keys()),
    sessions: () => [...entries.values()].flatMap(({ session }) => session ?? []),
    async use(key, of, work, signal) {
      signal?.throwIfAborted();
      const entry = entries.get(key) ?? begin(key, of);
      entries.delete(key);
      entries.set(key, entry);
      entry.users++;
      try {
        return await work(await orAborted(entry.opened, signal));
      } finally {
        entry.users--;
        entry.usedAt = performance.now();
        if (entry.users === 0) leaving.get(entry)?.release();
      }
    },
    sweep(since) {
      for (const [key, { users, usedAt }] of [...entries]) if (users === 0 && usedAt < since) drop(key);
    },
    async close() {
      await turn;
      for (const key of [...entries.keys()]) drop(key);
      await Promise.all([...leaving.values()].map(({ gone }) => gone));
    },
  };
}

async function orAborted<S>(opened: Promise<S>, signal?: AbortSignal): Promise<S> {
  if (!signal) return opened;
  const over = new AbortController();
  const aborted = new Promise<never>((_, fail) => {
    signal.addEventListener("abort", () => fail(signal.reason), { once: true, signal: over.signal });
  });
  return Promise.race([opened, aborted]).finally(() => over.abort());
}
