import { cancelUpload, uploadToWire } from "@/lib/part-uploads";
import { route } from "@/lib/route";
import { uploadParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "files.write", params: uploadParams },
  async ({ actor, params }) => uploadToWire(await cancelUpload(actor.tenantId, params.id)),
);
