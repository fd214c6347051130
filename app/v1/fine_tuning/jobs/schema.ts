import { z } from "zod";

export const jobParams = z.object({ id: z.string().min(1).max(100) });

/** `metadata[k]=v` keeps one pair, `metadata=null` the jobs without any. */
export const jobsQuery = z
  .looseObject({
    after: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    metadata: z.literal("null").optional(),
  })
  .transform(({ after, limit, metadata, ...rest }) => {
    const pairs = Object.entries(rest).flatMap(([name, value]) => {
      const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
      return key === undefined ? [] : [[key, String(value)] as const];
    });
    const wanted = pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
    return { after, limit, metadata: metadata === "null" ? null : wanted };
  });

export const checkpointsQuery = z.object({
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(10),
});

export const eventsQuery = z.object({
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(20),
});
