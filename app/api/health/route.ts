import { route } from "@/lib/route";
import { version } from "@/package.json";

/** Live: this process answers. It asks nothing else, so a database that is away does not restart it. */
export const dynamic = "force-dynamic";
export const GET = route({ auth: "public", perMinute: 100_000 }, async () => ({ status: "ok", version }));
