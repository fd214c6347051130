import { commandOf, isAlive, parentOf } from "./processes.mjs";

const LOOK_EVERY_MS = 2000;

/**
 * npm runs this script through a shell and hands signals to the shell alone; killed outright, it tells nobody.
 * Without this the product would go on with nothing above it. Started without npm, whoever started it may end.
 */
export function followParent(onGone) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  const isShell = /(^|\/)(sh|bash|dash|zsh|ash)\b/.test(commandOf(parent));
  const npm = isShell ? grandparent : parent;
  // Killed before this line ran: its children belong to init. In a container npm may itself be number 1.
  if (npm <= 1 && !/npm|yarn|bun/.test(commandOf(1))) return setImmediate(onGone);
  setInterval(() => {
    // A process that was killed and not yet collected is alive, with an empty command line.
    if (process.ppid !== parent || !isAlive(npm) || commandOf(npm) === "") onGone();
  }, LOOK_EVERY_MS).unref();
}
