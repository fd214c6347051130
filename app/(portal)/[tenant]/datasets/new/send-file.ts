import { DetailedError, Upload } from "tus-js-client";
import { ApiError } from "@/components/call";

/** One resumable upload; resolves with the file's id that the server gives when the last byte is there. */
export function sendFile(file: File, slug: string, onShare: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let id = "";
    const upload = new Upload(file, {
      endpoint: "/api/uploads",
      headers: { "graft-tenant": slug },
      metadata: { filename: file.name, filetype: file.type, purpose: "fine-tune" },
      chunkSize: 8_000_000,
      retryDelays: [0, 1000, 3000, 5000, 10_000],
      removeFingerprintOnSuccess: true,
      onAfterResponse: (_request, response) => {
        id = response.getHeader("graft-file-id") ?? id;
      },
      onProgress: (sent, total) => onShare(total ? sent / total : 0),
      onSuccess: () => resolve(id),
      onError: (error) => reject(toApiError(error)),
    });
    // A broken upload of the same file goes on where it stopped.
    upload
      .findPreviousUploads()
      .then(([previous]) => {
        if (previous) upload.resumeFromPreviousUpload(previous);
        upload.start();
      })
      .catch(reject);
  });
}

function toApiError(error: Error | DetailedError): unknown {
  if (!(error instanceof DetailedError)) return error;
  // No answer at all, after all the tries.
  if (!error.originalResponse) return new ApiError(0, "network", error.message, null);
  const status = error.originalResponse.getStatus();
  try {
    const { error: inner } = JSON.parse(error.originalResponse.getBody()) as {
      error: { code: string; message: string; param: string | null };
    };
    return new ApiError(status, inner.code, inner.message, inner.param);
  } catch {
    return error;
  }
}
