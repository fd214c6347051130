import document from "@/clients/openapi.json";
import { route } from "@/lib/route";

/** The API's document, for tools; people read it at `/api-reference`. */
export const GET = route({ auth: "public", perMinute: 60 }, async () => document);
