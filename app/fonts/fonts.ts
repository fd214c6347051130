import localFont from "next/font/local";

/** Geist (SIL Open Font License, see LICENSE.txt): Latin letters; other scripts come from the system. */
export const sans = localFont({ src: "./geist.woff2", variable: "--font-geist", weight: "100 900" });
export const mono = localFont({
  src: "./geist-mono.woff2",
  variable: "--font-geist-mono",
  weight: "100 900",
  preload: false,
});
