import { completeUpload, completionBody, uploadToWire } from "@/lib/part-uploads";
import { route } from "@/lib/route";
import { uploadParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "files.write", params: uploadParams, body: completionBody },
  async ({ actor, params, body }) => {
    const { upload, file } = await completeUpload(actor, params.id, body);
    return uploadToWire(upload, file);
  },
);
