import { blobResponse } from "@/lib/download";
import { getFile } from "@/lib/files";
import { route } from "@/lib/route";
import { fileKey } from "@/lib/storage";
import { fileParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "files.read", params: fileParams },
  async ({ actor, params }) => {
    const file = await getFile(actor.tenantId, params.id);
    return blobResponse(fileKey(actor.tenantId, file.id), file.filename, { sizeBytes: file.sizeBytes });
  },
);
