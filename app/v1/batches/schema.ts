import { z } from "zod";

export const batchParams = z.object({ id: z.string().min(1).max(100) });
