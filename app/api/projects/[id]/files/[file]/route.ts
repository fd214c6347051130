import { z } from "zod";
import { downloadAttachment } from "@/lib/project-files";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

export const GET = route(
  { auth: "tenant", permission: "projects.read", params: z.object({ id: idField, file: idField }) },
  ({ actor, params }) => downloadAttachment(actor.tenantId, params.id, params.file),
);
