import { z } from "zod";
import { fileToWire, setReading } from "@/lib/files";
import { readingSchema } from "@/lib/ml/contract";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });
const body = z.object({ reading: readingSchema.partial() });

export const POST = route(
  { auth: "tenant", permission: "files.write", params, body },
  async ({ actor, params, body }) => fileToWire(await setReading(actor.tenantId, params.id, body.reading)),
);
