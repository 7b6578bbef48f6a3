"""What else OpenAI's client can ask for: completions, images, speech, moderations, models."""

import base64

from asked import ASKED, client, refusal, told
from openai import APIError


def completion(case, model):
    raw = client(case).completions.with_raw_response.create(model=model, prompt=ASKED["prompt"], max_tokens=256)
    answer = raw.parse()
    return {"text": answer.choices[0].text, "finish": answer.choices[0].finish_reason,
            "told": told(answer.usage.prompt_tokens, answer.usage.completion_tokens, raw)}


def completion_streamed(case, model):
    pieces = list(client(case).completions.create(
        model=model, prompt=ASKED["prompt"], max_tokens=256, stream=True, stream_options={"include_usage": True}))
    text = "".join(piece.choices[0].text for piece in pieces if piece.choices)
    finish = [piece.choices[0].finish_reason for piece in pieces if piece.choices and piece.choices[0].finish_reason]
    usage = pieces[-1].usage
    return {"text": text, "finish": finish, "told": {**told(usage.prompt_tokens, usage.completion_tokens), "costUsd": pieces[-1].alfred["cost_usd"]}}


def completion_refused(case, model, content="Hello", fields=None):
    try:
        answer = client(case).completions.create(model=model, prompt=content, extra_body=fields)
    except APIError as error:
        return refusal(error)
    return {"text": answer.choices[0].text}


def image(case, model):
    raw = client(case).images.with_raw_response.generate(model=model, prompt="A cat on a mat", n=2, quality="low", size="1024x1024")
    answer = raw.parse()
    formats = [base64.b64decode(each.b64_json)[1:4].decode() for each in answer.data]
    return {"formats": formats, "told": told(answer.usage.input_tokens, answer.usage.output_tokens, raw)}


def image_streamed(case, model):
    events = list(client(case).images.generate(model=model, prompt="A cat", quality="low", partial_images=1, stream=True))
    return {"types": [event.type for event in events], "told": told(events[-1].usage.input_tokens, events[-1].usage.output_tokens)}


def speech(case, model):
    with client(case).audio.speech.with_streaming_response.create(model=model, voice="alloy", input="Good day", response_format="wav") as answer:
        return {"type": answer.headers["content-type"], "bytes": sum(len(piece) for piece in answer.iter_bytes())}


def files(case, model):
    kept = client(case).files.create(file=("in.jsonl", b"{}\n"), purpose="batch")
    content = client(case).files.content(kept.id).read()
    is_listed = any(each.id == kept.id for each in client(case).files.list())
    name = client(case).files.retrieve(kept.id).filename
    return {"name": name, "content": content.decode(), "is_listed": is_listed, "is_deleted": client(case).files.delete(kept.id).deleted}


def moderation(case, model):
    answer = client(case).moderations.create(model=model, input=["I will kill them", "I love them"])
    return {"flagged": [result.flagged for result in answer.results]}


def models(case, model):
    listed = [each.id for each in client(case).models.list()]
    return {"is_listed": model in listed, "id": client(case).models.retrieve(model).id}
