import { readPart } from "@/lib/multipart";
import { addPart, MAX_PART_BYTES } from "@/lib/part-uploads";
import { route } from "@/lib/route";
import { uploadParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "files.write", params: uploadParams },
  async ({ actor, params, request }) =>
    addPart(actor.tenantId, params.id, await readPart(request, MAX_PART_BYTES)),
);
