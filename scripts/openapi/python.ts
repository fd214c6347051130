import { type Call, callsOf } from "../../lib/api/calls";

/** A client of one file for Python 3.9 or newer, of its standard library alone. */

/** `from` is a word of the language. */
const KEYWORDS = ["from", "in", "is", "class", "global", "pass", "import"];
const safe = (name: string) => (KEYWORDS.includes(name) ? `${name}_` : name);
const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function methodOf({ name, summary, method, path, inPath, inQuery, body, form, answer }: Call): string {
  const parameters = [
    ...inPath,
    ...(body ? ["body"] : []),
    ...(form ? ["file", "filename", ...form.fields.map((field) => `${field}=None`)] : []),
    "*",
    ...inQuery.map((one) => `${safe(one.name)}${one.required ? "" : "=None"}`),
    "idempotency_key=None",
  ];
  const address = inPath.length > 0 ? `f"${path.replaceAll(/\{(\w+)\}/g, "{_quoted($1)}")}"` : `"${path}"`;
  const sent = [
    ...(body ? ["body=body"] : []),
    ...(form
      ? [
          `form=("${form.file}", filename, file, {${form.fields.map((field) => `"${field}": ${field}`).join(", ")}})`,
        ]
      : []),
    ...(inQuery.length > 0
      ? [`query={${inQuery.map((one) => `"${one.name}": ${safe(one.name)}`).join(", ")}}`]
      : []),
    ...(answer ? [] : ["is_json=False"]),
    "idempotency_key=idempotency_key",
  ];
  return `    def ${snake(name)}(self, ${parameters.join(", ")}):
        """${summary}"""
        return self._ask("${method}", ${address}, ${sent.join(", ")})
`;
}

const HEAD = `# Made from clients/openapi.json; do not change it by hand.
"""A client of Graft with nothing but Python's standard library.

    graft = Graft(api_key="gk_...", base_url="https://graft.example")
    graft.predict({"model": "support-router", "input": ["where is my parcel"]})
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

_RETRIED = (408, 409, 429, 500, 502, 503, 504)
_MOST_WAIT_S = 60.0


class GraftError(Exception):
    """What the service refused, with what to do in the message."""

    def __init__(self, status, code, message, param, request_id):
        super().__init__(message)
        self.status, self.code, self.param, self.request_id = status, code, param, request_id


def _quoted(text):
    return urllib.parse.quote(str(text), safe="")


def _form(field, filename, file, fields):
    """A multipart body; the file is bytes, or something that can be read."""
    content = file.read() if hasattr(file, "read") else file
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\\r\\nContent-Disposition: form-data; name="{name}"\\r\\n\\r\\n{value}\\r\\n'.encode()
        for name, value in fields.items()
        if value is not None
    ]
    safe = filename.replace('"', "_").replace("\\r", "_").replace("\\n", "_")
    parts.append(
        f'--{boundary}\\r\\nContent-Disposition: form-data; name="{field}"; filename="{safe}"\\r\\n'
        "Content-Type: application/octet-stream\\r\\n\\r\\n".encode()
    )
    return b"".join(parts) + content + f"\\r\\n--{boundary}--\\r\\n".encode(), f"multipart/form-data; boundary={boundary}"


class Graft:
    def __init__(self, api_key, base_url, max_retries=2, timeout=600):
        self._key, self._base, self._retries, self._timeout = api_key, base_url.rstrip("/"), max_retries, timeout

    def _ask(self, method, path, body=None, form=None, query=None, is_json=True, idempotency_key=None):
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = self._base + path + ("?" + urllib.parse.urlencode(asked) if asked else "")
        headers = {"authorization": f"Bearer {self._key}"}
        data = None
        if body is not None:
            data, headers["content-type"] = json.dumps(body).encode(), "application/json"
        if form is not None:
            data, headers["content-type"] = _form(*form)
        if idempotency_key is not None:
            headers["idempotency-key"] = idempotency_key
        tries = 0
        while True:
            request = urllib.request.Request(url, data=data, headers=headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=self._timeout) as response:
                    answer = response.read()
                    return json.loads(answer) if is_json else answer
            except urllib.error.HTTPError as refused:
                again = refused.headers.get("x-should-retry")
                may_retry = refused.code in _RETRIED if again is None else again == "true"
                if not may_retry or tries >= self._retries:
                    raise _error_of(refused) from None
                told = float(refused.headers.get("retry-after-ms") or 500 * 2**tries) / 1000
                time.sleep(min(told, _MOST_WAIT_S))
                tries += 1

`;

const TAIL = `

def _error_of(refused):
    text = refused.read().decode("utf-8", "replace")
    try:
        error = json.loads(text).get("error") or {}
    except ValueError:
        error = {}
    return GraftError(
        refused.code,
        error.get("code", "unknown"),
        error.get("message", text[:200]),
        error.get("param"),
        refused.headers.get("x-request-id"),
    )
`;

export const pythonClient = (document: Record<string, unknown>): string =>
  HEAD + callsOf(document).map(methodOf).join("\n") + TAIL;
