import { deleteFile, fileToWire, getFile } from "@/lib/files";
import { route } from "@/lib/route";
import { fileParams } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "files.read", params: fileParams },
  async ({ actor, params }) => fileToWire(await getFile(actor.tenantId, params.id)),
);

export const DELETE = route(
  { auth: "tenant", permission: "files.write", params: fileParams },
  async ({ actor, params }) => {
    await deleteFile(actor.tenantId, params.id);
    return { id: params.id, object: "file", deleted: true };
  },
);
