import { z } from "zod";

export const usageQuery = z.object({ days: z.coerce.number().int().min(1).max(366).default(30) });

/** UTC days, `to` not among them. */
export const ledgerQuery = z
  .object({ from: z.iso.date(), to: z.iso.date() })
  .refine(({ from, to }) => from < to, { message: "must be after `from`", path: ["to"] });
