import { z } from "zod";
import { decideLabel } from "@/lib/corrections";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(200) });
/** `label` null takes the word on the line back. */
const body = z.object({ line: z.number().int().min(1), label: z.string().min(1).max(1000).nullable() });

export const POST = route(
  { auth: "tenant", permission: "files.write", params, body },
  async ({ actor, params, body }) => {
    await decideLabel(actor, params.id, body);
    return body;
  },
);
