import pino from "pino";
import { env } from "./env";

let logger: pino.Logger | undefined;

/** One JSON line an event, ids only: never a customer's text, a key or a password. */
export function log(): pino.Logger {
  logger ??= pino({ level: env().LOG_LEVEL, base: { process: process.env.GRAFT_PROCESS ?? "web" } });
  return logger;
}
