import { z } from "zod";
import { downloadAttachment } from "@/lib/project-files";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const GET = route(
  {
    auth: "staff",
    permission: "desk.read",
    params: z.object({ tenant: idField, id: idField, file: idField }),
  },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return downloadAttachment(tenantId, params.id, params.file);
  },
);
