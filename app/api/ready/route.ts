import { readiness } from "@/lib/readiness";
import { route } from "@/lib/route";

export const dynamic = "force-dynamic";
export const GET = route({ auth: "public", perMinute: 100_000 }, async () => {
  const state = await readiness();
  return Response.json(state, {
    status: state.ready ? 200 : 503,
    headers: { "cache-control": "no-store", ...(state.ready ? {} : { "retry-after": "2" }) },
  });
});
