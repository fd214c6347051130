import { z } from "zod";
import { quoteFile } from "@/lib/quote-files";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

export const GET = route(
  { auth: "tenant", permission: "projects.read", params: z.object({ id: idField }) },
  ({ actor, params }) => quoteFile(actor.tenantId, params.id, "customer"),
);
