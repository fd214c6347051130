import { z } from "zod";

export const listQuery = z.object({
  purpose: z.string().max(40).optional(),
  order: z.enum(["asc", "desc"]).default("desc"),
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
});

export const fileParams = z.object({ id: z.string().min(1).max(100) });
