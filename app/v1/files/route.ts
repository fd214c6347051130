import { actorId } from "@/lib/audit";
import { fail } from "@/lib/errors";
import { adoptFile, fileToWire, listFiles } from "@/lib/files";
import { readForm } from "@/lib/multipart";
import { discard } from "@/lib/receive";
import { route } from "@/lib/route";
import { listQuery } from "./schema";

export const GET = route(
  { auth: "tenant", permission: "files.read", query: listQuery },
  async ({ actor, query }) => {
    const { data, hasMore } = await listFiles(actor.tenantId, query);
    return {
      object: "list",
      data: data.map(fileToWire),
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: hasMore,
    };
  },
);

export const POST = route({ auth: "tenant", permission: "files.write" }, async ({ actor, request }) => {
  const { fields, filename, received } = await readForm(request);
  const anchor = fields.get("expires_after[anchor]");
  const seconds = fields.get("expires_after[seconds]");
  if (anchor !== undefined && anchor !== "created_at") {
    await discard(received);
    fail("invalid_request", "`expires_after[anchor]` must be `created_at`.", "expires_after[anchor]");
  }
  const order = {
    tenantId: actor.tenantId,
    actorId: actorId(actor),
    filename,
    purpose: fields.get("purpose"),
    ...(seconds === undefined ? {} : { expiresAfterSeconds: Number(seconds) }),
  };
  return fileToWire(await adoptFile(order, received));
});
