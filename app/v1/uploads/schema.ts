import { z } from "zod";

export const uploadParams = z.object({ id: z.string().min(1).max(100) });
