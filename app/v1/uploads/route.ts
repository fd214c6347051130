import { createUpload, uploadBody, uploadToWire } from "@/lib/part-uploads";
import { route } from "@/lib/route";

export const POST = route(
  { auth: "tenant", permission: "files.write", body: uploadBody },
  async ({ actor, body }) => uploadToWire(await createUpload(actor, body)),
);
