/**
 * One line a step: its name at once, a dot every few seconds while it runs, then what came out and the time.
 * Works the same on a terminal, in a pipe and in a CI log.
 */
const DOT_EVERY_MS = 3000;
let openLine = false;
let number = 0;

export async function step(name, work) {
  const startedAt = Date.now();
  number++;
  openLine = true;
  process.stdout.write(`[${number}] ${name} `.padEnd(24));
  const dots = setInterval(() => openLine && process.stdout.write("."), DOT_EVERY_MS);
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    const outcome = await work();
    finish(`${outcome ?? "done"} (${seconds()})`);
  } catch (error) {
    finish(`FAILED (${seconds()})`);
    throw error;
  } finally {
    clearInterval(dots);
  }
}

function finish(text) {
  process.stdout.write(openLine ? ` ${text}\n` : `    ${text}\n`);
  openLine = false;
}

/** A line between or under the steps. */
export function say(text) {
  process.stdout.write(`${openLine ? "\n" : ""}${text}\n`);
  openLine = false;
}

/** Thrown for a cause that the person at the keyboard can remove: printed without a stack. */
export class StartError extends Error {
  name = "StartError";
}
