import createNextIntlPlugin from "next-intl/plugin";

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // A second process (tests, a preview) must not share the build folder of the running product.
  distDir: process.env.GRAFT_NEXT_DIR || ".next",
  // A build of `npm start` gets a copy of the settings, which Next edits; `npm test` checks the types.
  typescript: process.env.GRAFT_TSCONFIG
    ? { tsconfigPath: process.env.GRAFT_TSCONFIG, ignoreBuildErrors: true }
    : {},
  serverExternalPackages: [
    "pg",
    "bullmq",
    "ioredis",
    "@node-rs/argon2",
    "pino",
    "nodemailer",
    "@aws-sdk/client-s3",
  ],
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "x-content-type-options", value: "nosniff" },
        { key: "referrer-policy", value: "same-origin" },
        { key: "x-frame-options", value: "DENY" },
      ],
    },
  ],
};

export default createNextIntlPlugin("./app/i18n.ts")(config);
