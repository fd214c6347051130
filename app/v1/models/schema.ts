import { z } from "zod";

/** A name with its colons, decoded. */
export const modelParams = z.object({ model: z.string().min(1).max(300) });
