"""Chats and embeddings."""

import json

from asked import ASKED, TOOL, Report, client, refusal, told, user
from openai import APIError


def used(usage, raw=None):
    return told(usage.prompt_tokens, usage.completion_tokens, raw)


def calls_of(message):
    return [{"name": call.function.name, "arguments": json.loads(call.function.arguments)} for call in message.tool_calls or []]


def whole(case, model):
    raw = client(case).chat.completions.with_raw_response.create(model=model, messages=user(ASKED["prompt"]))
    choice = raw.parse().choices[0]
    return {"text": choice.message.content, "finish": choice.finish_reason, "told": used(raw.parse().usage, raw)}


def streamed(case, model):
    chunks = list(client(case).chat.completions.create(
        model=model, messages=user(ASKED["prompt"]), stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    finish = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    cost = chunks[-1].model_extra["alfred"]["cost_usd"]
    return {"text": text, "finish": finish, "told": {**used(chunks[-1].usage), "costUsd": cost}}


def tools(case, model):
    messages = user(ASKED["tool_prompt"])
    first = client(case).chat.completions.create(model=model, messages=messages, tools=[TOOL])
    message = first.choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": '{"celsius":21}'} for call in message.tool_calls or []]
    second = client(case).chat.completions.create(model=model, messages=[*messages, message, *results], tools=[TOOL])
    finish = [first.choices[0].finish_reason, second.choices[0].finish_reason]
    return {"calls": calls_of(message), "text": second.choices[0].message.content, "finish": finish,
            "told": [used(first.usage), used(second.usage)]}


def tools_streamed(case, model):
    content = ASKED["tool_prompt"] + " [[sim: tool_calls=2]]"
    with client(case).chat.completions.stream(model=model, messages=user(content), tools=[TOOL]) as events:
        choice = events.get_final_completion().choices[0]
    return {"calls": calls_of(choice.message), "finish": choice.finish_reason}


def parse(case, model):
    answer = client(case).chat.completions.parse(model=model, messages=user("Weather?"), response_format=Report)
    parsed = answer.choices[0].message.parsed
    return {"type": type(parsed).__name__, "fields": sorted(parsed.model_dump()) if parsed else []}


def embed(case, model):
    answer = client(case).embeddings.create(model=model, input=["one", "two"])
    return {"lengths": [len(each.embedding) for each in answer.data], "told": told(answer.usage.prompt_tokens, 0)}


def broken_stream(case, model):
    stream = client(case).chat.completions.create(model=model, messages=user(ASKED["broken_prompt"]), stream=True)
    text = ""
    try:
        for chunk in stream:  # Azure begins with one that has no choices.
            text += "".join(choice.delta.content or "" for choice in chunk.choices)
    except APIError as error:
        return {"text": text, **refusal(error)}
    return {"text": text}


def refused(case, model, content="Hello", key=None, fields=None):
    try:
        answer = client(case, key).chat.completions.create(model=model, messages=user(content), extra_body=fields)
    except APIError as error:
        return refusal(error)
    return {"text": answer.choices[0].message.content}
