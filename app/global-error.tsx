"use client";
import "./globals.css";

/** Stands in for the whole document, so there is no language to read: both are shown. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body className="bg-bg text-ink font-sans">
        <main
          role="alert"
          className="flex min-h-dvh flex-col items-center justify-center gap-2 px-6 text-center"
        >
          <h1 className="text-2xl font-semibold">Something went wrong on our side</h1>
          <p lang="zh" className="text-ink-2">
            我们这边出了问题
          </p>
          <button
            type="button"
            onClick={reset}
            className="bg-accent text-on-accent mt-4 h-9 rounded-md px-3.5 text-sm font-medium"
          >
            Try again · <span lang="zh">重试</span>
          </button>
        </main>
      </body>
    </html>
  );
}
