import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Toaster } from "@/components/toaster";
import { mono, sans } from "./fonts/fonts";
import { readTheme, THEME_COOKIE } from "./locale";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("front");
  return { title: { default: t("metaTitle"), template: "%s · Graft" }, description: t("metaDescription") };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f9fbfa" },
    { media: "(prefers-color-scheme: dark)", color: "#0d1312" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html
      lang={await getLocale()}
      className={`${sans.variable} ${mono.variable}`}
      data-theme={theme === "system" ? undefined : theme}
    >
      <body className="bg-bg text-ink min-h-dvh font-sans antialiased">
        <NextIntlClientProvider>
          {children}
          <Toaster theme={theme} />
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
