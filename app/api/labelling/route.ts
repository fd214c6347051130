import { z } from "zod";
import { createLabelling, labellingToWire, listLabelling } from "@/lib/labelling";
import { readingSchema } from "@/lib/ml/contract";
import { route } from "@/lib/route";

const column = z.string().min(1).max(500);
const body = z.object({
  file_id: z.string().min(1).max(100),
  text_column: column,
  label_column: column.optional(),
  reading: readingSchema.partial().optional(),
  name: z.string().trim().min(1).max(120).optional(),
  classes: z.array(
    z.object({
      name: z.string().trim().min(1).max(120),
      description: z.string().trim().max(500).default(""),
    }),
  ),
});

export const GET = route({ auth: "tenant", permission: "files.read" }, async ({ actor }) => ({
  object: "list",
  data: (await listLabelling(actor.tenantId)).map(labellingToWire),
  has_more: false,
}));

export const POST = route({ auth: "tenant", permission: "files.write", body }, async ({ actor, body }) => {
  const set = await createLabelling(actor, {
    fileId: body.file_id,
    textColumn: body.text_column,
    labelColumn: body.label_column,
    reading: body.reading,
    name: body.name,
    classes: body.classes,
  });
  return { id: set.id, object: "labelling", status: set.status };
});
