import { fail } from "@/lib/errors";
import { route } from "@/lib/route";

/** Clients know more of OpenAI's API than is here; what they ask in vain is refused as they read refusals. */
const refuse = route({ auth: "public" }, async ({ request }) =>
  fail(
    "not_found",
    `There is no ${request.method} ${new URL(request.url).pathname} here; /api-reference lists every call.`,
  ),
);

export { refuse as DELETE, refuse as GET, refuse as PATCH, refuse as POST, refuse as PUT };
