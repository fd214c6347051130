import { AppError } from "./errors";

/**
 * Guessing is slowed, not locked out: after some failures the attempts on an address (of mail, and of the
 * network) stand in line, one per gap. A lock would let anyone shut anyone out.
 */
const LINES = {
  email: { free: 5, gapMs: 2000 },
  address: { free: 20, gapMs: 1000 },
} as const;
const LONGEST_WAIT_MS = 10_000;
const FORGET_MS = 15 * 60_000;
const lines = new Map<string, { failures: number; nextAt: number; lastAt: number }>();

/** Waits for this attempt's turn; throws 429 when the line is too long. Counts a failure until told otherwise. */
export async function takeSignInTurn(email: string, address: string): Promise<{ succeeded(): void }> {
  const now = Date.now();
  if (lines.size > 20_000)
    for (const [key, line] of lines) if (now - line.lastAt > FORGET_MS) lines.delete(key);
  const waitMs = Math.max(join("email", email, now), join("address", address, now));
  if (waitMs > LONGEST_WAIT_MS) throw new AppError("rate_limit_exceeded", { retryAfterMs: waitMs });
  if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs));
  return {
    succeeded() {
      lines.delete(`email:${email}`);
      const line = lines.get(`address:${address}`);
      if (line) line.failures = Math.max(0, line.failures - 1);
    },
  };
}

function join(kind: keyof typeof LINES, who: string, now: number): number {
  const { free, gapMs } = LINES[kind];
  const key = `${kind}:${who}`;
  const old = lines.get(key);
  const line = old && now - old.lastAt <= FORGET_MS ? old : { failures: 0, nextAt: now, lastAt: now };
  lines.set(key, line);
  line.lastAt = now;
  if (line.failures < free) {
    line.failures += 1;
    return 0;
  }
  const at = Math.max(now, line.nextAt) + gapMs;
  // A refused attempt takes no place, so the line drains while an attacker knocks.
  if (at - now <= LONGEST_WAIT_MS) line.nextAt = at;
  return at - now;
}
