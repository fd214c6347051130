import { route } from "@/lib/route";
import { handleUpload } from "@/lib/uploads";

/** tus 1.0: the protocol's own status codes and headers, our own authorisation. */
const upload = route(
  { auth: "tenant", permission: "files.write", perMinute: 6000 },
  async ({ actor, request, requestId }) => handleUpload(actor, request, requestId),
);

export const HEAD = upload;
export const POST = upload;
export const PATCH = upload;
export const DELETE = upload;
