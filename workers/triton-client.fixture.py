"""Asks a model by Triton's own client, as people who have it do: triton-client.fixture.py HOST:PORT KEY MODEL. Prints JSON."""

import json
import sys

import numpy
import tritonclient.http as triton

address, key, model = sys.argv[1:]
headers = {"authorization": f"Bearer {key}"}
client = triton.InferenceServerClient(address)
texts = ["please refund my order", "the courier never came – ü"]


def asked(is_binary, outputs=None, name=model, rows=texts):
    tensor = triton.InferInput("text", [len(rows)], "BYTES")
    tensor.set_data_from_numpy(numpy.array(rows, dtype=object), binary_data=is_binary)
    return client.infer(name, [tensor], outputs=outputs, request_id="42", headers=dict(headers))  # it writes into them


def told(result):
    return {
        "id": result.get_response().get("id"),
        "label": [str(one, "utf-8") if isinstance(one, bytes) else one for one in result.as_numpy("label").tolist()],
        "sums": [round(float(sum(row)), 5) for row in result.as_numpy("probabilities")],
    }


def refused(work):
    try:
        work()
    except triton.InferenceServerException as error:
        return [error.status(), error.message()]
    return None


json_outputs = [triton.InferRequestedOutput(name, binary_data=False) for name in ["label", "probabilities"]]
print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "server": client.get_server_metadata(),
            "metadata": client.get_model_metadata(model, headers=headers),
            "model_ready": client.is_model_ready(model, "1", headers=headers),
            "binary": told(asked(True)),
            "json": told(asked(False, json_outputs)),
            "no_such_model": refused(lambda: asked(True, name="ft:minilm-l6:nobody::x")),
            "no_such_output": refused(lambda: asked(True, [triton.InferRequestedOutput("logits")])),
            "too_many": refused(lambda: asked(True, rows=["x"] * 2049)),
        }
    )
)
