import { cookies, headers } from "next/headers";
import type { AbstractIntlMessages } from "next-intl";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale, LOCALE_COOKIE, type Locale } from "@/lib/locale";

const fileOf = async (name: string): Promise<AbstractIntlMessages> =>
  (await import(`../messages/${name}.json`)).default;

/** Each area of the product keeps its texts in files of its own: `{area}.{locale}.json`. */
const AREAS = [
  "portal",
  "insight",
  "settings",
  "labelling",
  "billing",
  "projects",
  "readiness",
  "operations",
  "serving",
];

async function messagesOf(locale: Locale): Promise<AbstractIntlMessages> {
  const files = await Promise.all([locale, ...AREAS.map((area) => `${area}.${locale}`)].map(fileOf));
  return Object.assign({}, ...files);
}

export default getRequestConfig(async () => {
  const locale = chooseLocale(
    (await cookies()).get(LOCALE_COOKIE)?.value,
    (await headers()).get("accept-language"),
  );
  return { locale, messages: await messagesOf(locale), timeZone: "UTC" };
});
