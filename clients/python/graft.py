# Made from clients/openapi.json; do not change it by hand.
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
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
        if value is not None
    ]
    safe = filename.replace('"', "_").replace("\r", "_").replace("\n", "_")
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{safe}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
    )
    return b"".join(parts) + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


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

    def list_batches(self, *, after=None, limit=None, idempotency_key=None):
        """Lists batches, newest first."""
        return self._ask("GET", "/v1/batches", query={"after": after, "limit": limit}, idempotency_key=idempotency_key)

    def create_batch(self, body, *, idempotency_key=None):
        """Orders many answers at once."""
        return self._ask("POST", "/v1/batches", body=body, idempotency_key=idempotency_key)

    def get_batch(self, id, *, idempotency_key=None):
        """A batch with how far it is."""
        return self._ask("GET", f"/v1/batches/{_quoted(id)}", idempotency_key=idempotency_key)

    def cancel_batch(self, id, *, idempotency_key=None):
        """Ends a batch; what is done is handed out."""
        return self._ask("POST", f"/v1/batches/{_quoted(id)}/cancel", idempotency_key=idempotency_key)

    def create_chat_completion(self, body, *, idempotency_key=None):
        """A model behind OpenAI's chat shape."""
        return self._ask("POST", "/v1/chat/completions", body=body, idempotency_key=idempotency_key)

    def classify(self, body, *, idempotency_key=None):
        """Labels in Cohere's shape."""
        return self._ask("POST", "/v1/classify", body=body, idempotency_key=idempotency_key)

    def list_deployments(self, *, idempotency_key=None):
        """Lists names with the versions that answer."""
        return self._ask("GET", "/v1/deployments", idempotency_key=idempotency_key)

    def create_deployment(self, body, *, idempotency_key=None):
        """Gives a model a stable name."""
        return self._ask("POST", "/v1/deployments", body=body, idempotency_key=idempotency_key)

    def get_deployment(self, name, *, idempotency_key=None):
        """A name with its version, canary and shadow."""
        return self._ask("GET", f"/v1/deployments/{_quoted(name)}", idempotency_key=idempotency_key)

    def change_deployment(self, name, body, *, idempotency_key=None):
        """Sets how much the version's adapter counts; begins, changes or ends a canary or a shadow."""
        return self._ask("PATCH", f"/v1/deployments/{_quoted(name)}", body=body, idempotency_key=idempotency_key)

    def delete_deployment(self, name, *, idempotency_key=None):
        """Deletes a name; models stay."""
        return self._ask("DELETE", f"/v1/deployments/{_quoted(name)}", idempotency_key=idempotency_key)

    def list_examples(self, name, *, idempotency_key=None):
        """Questions with their right answers."""
        return self._ask("GET", f"/v1/deployments/{_quoted(name)}/examples", idempotency_key=idempotency_key)

    def create_example(self, name, body, *, idempotency_key=None):
        """Saves a question with its right answer."""
        return self._ask("POST", f"/v1/deployments/{_quoted(name)}/examples", body=body, idempotency_key=idempotency_key)

    def check_examples(self, name, body, *, idempotency_key=None):
        """What a version answers to the examples."""
        return self._ask("POST", f"/v1/deployments/{_quoted(name)}/examples/check", body=body, idempotency_key=idempotency_key)

    def delete_example(self, name, id, *, idempotency_key=None):
        """Removes a saved example."""
        return self._ask("DELETE", f"/v1/deployments/{_quoted(name)}/examples/{_quoted(id)}", idempotency_key=idempotency_key)

    def get_deployment_history(self, name, *, idempotency_key=None):
        """Who had which version answer."""
        return self._ask("GET", f"/v1/deployments/{_quoted(name)}/history", idempotency_key=idempotency_key)

    def promote_deployment(self, name, body, *, idempotency_key=None):
        """Has a version answer from the next call on."""
        return self._ask("POST", f"/v1/deployments/{_quoted(name)}/promote", body=body, idempotency_key=idempotency_key)

    def roll_back_deployment(self, name, *, idempotency_key=None):
        """Has the version before answer again."""
        return self._ask("POST", f"/v1/deployments/{_quoted(name)}/rollback", idempotency_key=idempotency_key)

    def get_shadow_report(self, name, *, idempotency_key=None):
        """Where the shadow says something else."""
        return self._ask("GET", f"/v1/deployments/{_quoted(name)}/shadow", idempotency_key=idempotency_key)

    def create_embeddings(self, body, *, idempotency_key=None):
        """Unit vectors of texts, by a base or as a model reads them."""
        return self._ask("POST", "/v1/embeddings", body=body, idempotency_key=idempotency_key)

    def list_feedback(self, *, model=None, after=None, limit=None, idempotency_key=None):
        """What people said of answers, newest first."""
        return self._ask("GET", "/v1/feedback", query={"model": model, "after": after, "limit": limit}, idempotency_key=idempotency_key)

    def list_files(self, *, purpose=None, order=None, after=None, limit=None, idempotency_key=None):
        """Lists files, newest first."""
        return self._ask("GET", "/v1/files", query={"purpose": purpose, "order": order, "after": after, "limit": limit}, idempotency_key=idempotency_key)

    def create_file(self, file, filename, purpose=None, *, idempotency_key=None):
        """Uploads a file."""
        return self._ask("POST", "/v1/files", form=("file", filename, file, {"purpose": purpose}), idempotency_key=idempotency_key)

    def get_file(self, id, *, idempotency_key=None):
        """A file, with what was found in it."""
        return self._ask("GET", f"/v1/files/{_quoted(id)}", idempotency_key=idempotency_key)

    def delete_file(self, id, *, idempotency_key=None):
        """Deletes a file and everything read from it."""
        return self._ask("DELETE", f"/v1/files/{_quoted(id)}", idempotency_key=idempotency_key)

    def get_file_content(self, id, *, idempotency_key=None):
        """The bytes of a file."""
        return self._ask("GET", f"/v1/files/{_quoted(id)}/content", is_json=False, idempotency_key=idempotency_key)

    def list_jobs(self, *, after=None, limit=None, metadata=None, idempotency_key=None):
        """Lists trainings, newest first."""
        return self._ask("GET", "/v1/fine_tuning/jobs", query={"after": after, "limit": limit, "metadata": metadata}, idempotency_key=idempotency_key)

    def create_job(self, body, *, idempotency_key=None):
        """Orders a training."""
        return self._ask("POST", "/v1/fine_tuning/jobs", body=body, idempotency_key=idempotency_key)

    def estimate_job(self, body, *, idempotency_key=None):
        """What an order would cost; nothing is started."""
        return self._ask("POST", "/v1/fine_tuning/jobs/estimate", body=body, idempotency_key=idempotency_key)

    def get_job(self, id, *, idempotency_key=None):
        """A training."""
        return self._ask("GET", f"/v1/fine_tuning/jobs/{_quoted(id)}", idempotency_key=idempotency_key)

    def cancel_job(self, id, *, idempotency_key=None):
        """Ends a training; nothing is charged."""
        return self._ask("POST", f"/v1/fine_tuning/jobs/{_quoted(id)}/cancel", idempotency_key=idempotency_key)

    def list_job_checkpoints(self, id, *, after=None, limit=None, idempotency_key=None):
        """Models that answer before the last one."""
        return self._ask("GET", f"/v1/fine_tuning/jobs/{_quoted(id)}/checkpoints", query={"after": after, "limit": limit}, idempotency_key=idempotency_key)

    def list_job_events(self, id, *, after=None, limit=None, idempotency_key=None):
        """What happened in a training."""
        return self._ask("GET", f"/v1/fine_tuning/jobs/{_quoted(id)}/events", query={"after": after, "limit": limit}, idempotency_key=idempotency_key)

    def pause_job(self, id, *, idempotency_key=None):
        """Makes room; it goes on where it was."""
        return self._ask("POST", f"/v1/fine_tuning/jobs/{_quoted(id)}/pause", idempotency_key=idempotency_key)

    def resume_job(self, id, *, idempotency_key=None):
        """Goes on with a paused training."""
        return self._ask("POST", f"/v1/fine_tuning/jobs/{_quoted(id)}/resume", idempotency_key=idempotency_key)

    def list_models(self, *, idempotency_key=None):
        """Models and names that this key may ask."""
        return self._ask("GET", "/v1/models", idempotency_key=idempotency_key)

    def import_model(self, file, filename, *, idempotency_key=None):
        """Makes a model of a PEFT adapter for the same base."""
        return self._ask("POST", "/v1/models/import", form=("adapter", filename, file, {}), idempotency_key=idempotency_key)

    def get_model(self, model, *, idempotency_key=None):
        """A model, or a name with its version."""
        return self._ask("GET", f"/v1/models/{_quoted(model)}", idempotency_key=idempotency_key)

    def delete_model(self, model, *, idempotency_key=None):
        """Deletes a model for good."""
        return self._ask("DELETE", f"/v1/models/{_quoted(model)}", idempotency_key=idempotency_key)

    def get_model_card(self, model, *, idempotency_key=None):
        """The model card as Markdown."""
        return self._ask("GET", f"/v1/models/{_quoted(model)}/card", is_json=False, idempotency_key=idempotency_key)

    def export_model(self, model, *, idempotency_key=None):
        """The model as a zip that runs elsewhere."""
        return self._ask("GET", f"/v1/models/{_quoted(model)}/export", is_json=False, idempotency_key=idempotency_key)

    def get_model_report(self, model, *, idempotency_key=None):
        """The whole report: every figure, setting and hash; rows' texts for keys that may read files."""
        return self._ask("GET", f"/v1/models/{_quoted(model)}/report", idempotency_key=idempotency_key)

    def get_document(self, *, idempotency_key=None):
        """This document."""
        return self._ask("GET", "/v1/openapi.json", is_json=False, idempotency_key=idempotency_key)

    def predict(self, body, *, idempotency_key=None):
        """Answers rows with calibrated probabilities."""
        return self._ask("POST", "/v1/predictions", body=body, idempotency_key=idempotency_key)

    def predict_file(self, file, filename, model=None, format=None, *, idempotency_key=None):
        """A spreadsheet in, the same with an answer in every row out."""
        return self._ask("POST", "/v1/predictions/file", form=("file", filename, file, {"model": model, "format": format}), is_json=False, idempotency_key=idempotency_key)

    def give_feedback(self, id, body, *, idempotency_key=None):
        """Says whether an answer was right."""
        return self._ask("POST", f"/v1/predictions/{_quoted(id)}/feedback", body=body, idempotency_key=idempotency_key)

    def create_upload(self, body, *, idempotency_key=None):
        """Begins a file that is sent in parts."""
        return self._ask("POST", "/v1/uploads", body=body, idempotency_key=idempotency_key)

    def cancel_upload(self, id, *, idempotency_key=None):
        """Drops the parts."""
        return self._ask("POST", f"/v1/uploads/{_quoted(id)}/cancel", idempotency_key=idempotency_key)

    def complete_upload(self, id, body, *, idempotency_key=None):
        """Puts the parts together."""
        return self._ask("POST", f"/v1/uploads/{_quoted(id)}/complete", body=body, idempotency_key=idempotency_key)

    def add_upload_part(self, id, file, filename, *, idempotency_key=None):
        """Sends a part of at most 64 MB."""
        return self._ask("POST", f"/v1/uploads/{_quoted(id)}/parts", form=("data", filename, file, {}), idempotency_key=idempotency_key)

    def list_usage(self, *, days=None, idempotency_key=None):
        """Requests and rows by day, model, key and route."""
        return self._ask("GET", "/v1/usage", query={"days": days}, idempotency_key=idempotency_key)

    def get_usage_ledger(self, *, from_, to, idempotency_key=None):
        """Sealed usage as NDJSON, to compute invoices again from."""
        return self._ask("GET", "/v1/usage/ledger", query={"from": from_, "to": to}, is_json=False, idempotency_key=idempotency_key)

    def list_webhook_endpoints(self, *, idempotency_key=None):
        """Lists where you are told of what happens."""
        return self._ask("GET", "/v1/webhook_endpoints", idempotency_key=idempotency_key)

    def create_webhook_endpoint(self, body, *, idempotency_key=None):
        """Adds an address; the secret is in this answer alone."""
        return self._ask("POST", "/v1/webhook_endpoints", body=body, idempotency_key=idempotency_key)

    def get_webhook_endpoint(self, id, *, idempotency_key=None):
        """An endpoint."""
        return self._ask("GET", f"/v1/webhook_endpoints/{_quoted(id)}", idempotency_key=idempotency_key)

    def change_webhook_endpoint(self, id, body, *, idempotency_key=None):
        """Changes or enables an endpoint."""
        return self._ask("PATCH", f"/v1/webhook_endpoints/{_quoted(id)}", body=body, idempotency_key=idempotency_key)

    def delete_webhook_endpoint(self, id, *, idempotency_key=None):
        """Deletes an endpoint."""
        return self._ask("DELETE", f"/v1/webhook_endpoints/{_quoted(id)}", idempotency_key=idempotency_key)

    def list_webhook_deliveries(self, id, *, after=None, limit=None, state=None, idempotency_key=None):
        """What was sent and how it was taken."""
        return self._ask("GET", f"/v1/webhook_endpoints/{_quoted(id)}/deliveries", query={"after": after, "limit": limit, "state": state}, idempotency_key=idempotency_key)

    def replay_webhooks(self, id, body, *, idempotency_key=None):
        """Sends a delivery, or all that failed, again."""
        return self._ask("POST", f"/v1/webhook_endpoints/{_quoted(id)}/replay", body=body, idempotency_key=idempotency_key)

    def rotate_webhook_secret(self, id, *, idempotency_key=None):
        """A new secret; both sign for a day."""
        return self._ask("POST", f"/v1/webhook_endpoints/{_quoted(id)}/rotate", idempotency_key=idempotency_key)

    def test_webhook_endpoint(self, id, *, idempotency_key=None):
        """Sends a test event."""
        return self._ask("POST", f"/v1/webhook_endpoints/{_quoted(id)}/test", idempotency_key=idempotency_key)


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
