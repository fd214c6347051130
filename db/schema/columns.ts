import { bigint, date, timestamp } from "drizzle-orm/pg-core";

/** An instant. */
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
/** A day without a time, `2026-01-31`. */
export const day = (name: string) => date(name, { mode: "string" });

/** An amount in minor units of a currency that stands beside it. */
export const minor = (name: string) => bigint(name, { mode: "bigint" });
