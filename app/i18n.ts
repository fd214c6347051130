import { cookies, headers } from "next/headers";
import type { AbstractIntlMessages } from "next-intl";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale, LOCALE_COOKIE, type Locale } from "./locale";

const fileOf = async (name: string): Promise<AbstractIntlMessages> =>
  (await import(`../messages/${name}.json`)).default;

/** The portal's texts are a file of their own; a build without them still has the front door. */
async function messagesOf(locale: Locale): Promise<AbstractIntlMessages> {
  const [own, portal] = await Promise.all([fileOf(locale), fileOf(`portal.${locale}`).catch(() => ({}))]);
  return { ...own, ...portal };
}

export default getRequestConfig(async () => {
  const locale = chooseLocale(
    (await cookies()).get(LOCALE_COOKIE)?.value,
    (await headers()).get("accept-language"),
  );
  return { locale, messages: await messagesOf(locale), timeZone: "UTC" };
});
