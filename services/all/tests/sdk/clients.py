"""Drives the mesh with OpenAI's official client for Python, as its README uses it.

Reads what to ask from standard input as JSON, and prints what it was answered, a line of JSON for each question. What is
right is for the test to say.
"""

import json
import sys
from typing import List

from openai import OpenAI, APIError
from pydantic import BaseModel


class Report(BaseModel):
    city: str
    celsius: float
    winds: List[str]
    dry: bool


asked = json.load(sys.stdin)
tool = asked["tool"]


def client(case, key=None):
    headers = {"x-alfred-tags": f"case={case}"}
    return OpenAI(base_url=asked["base_url"], api_key=key or asked["key"], max_retries=0, default_headers=headers)


def user(content):
    return [{"role": "user", "content": content}]


def used(usage):
    return {"input": usage.prompt_tokens, "output": usage.completion_tokens}


def calls_of(message):
    return [{"name": call.function.name, "arguments": json.loads(call.function.arguments)} for call in message.tool_calls or []]


def chat(case, model):
    raw = client(case).chat.completions.with_raw_response.create(model=model, messages=user(asked["prompt"]))
    choice = raw.parse().choices[0]
    told = {**used(raw.parse().usage), "costUsd": raw.headers["x-alfred-cost-usd"]}
    return {"text": choice.message.content, "finish": choice.finish_reason, "told": told}


def stream(case, model):
    chunks = list(client(case).chat.completions.create(
        model=model, messages=user(asked["prompt"]), stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    finish = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    told = {**used(chunks[-1].usage), "costUsd": chunks[-1].model_extra["alfred"]["cost_usd"]}
    return {"text": text, "finish": finish, "told": told}


def tools(case, model):
    messages = user(asked["tool_prompt"])
    first = client(case).chat.completions.create(model=model, messages=messages, tools=[tool])
    message = first.choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": '{"celsius":21}'} for call in message.tool_calls or []]
    second = client(case).chat.completions.create(model=model, messages=[*messages, message, *results], tools=[tool])
    finish = [first.choices[0].finish_reason, second.choices[0].finish_reason]
    return {"calls": calls_of(message), "text": second.choices[0].message.content, "finish": finish,
            "told": [used(first.usage), used(second.usage)]}


def tools_streamed(case, model):
    content = asked["tool_prompt"] + " [[sim: tool_calls=2]]"
    with client(case).chat.completions.stream(model=model, messages=user(content), tools=[tool]) as events:
        choice = events.get_final_completion().choices[0]
    return {"calls": calls_of(choice.message), "finish": choice.finish_reason}


def parse(case, model):
    answer = client(case).chat.completions.parse(model=model, messages=user("Weather?"), response_format=Report)
    parsed = answer.choices[0].message.parsed
    return {"type": type(parsed).__name__, "fields": sorted(parsed.model_dump()) if parsed else []}


def embed(case, model):
    answer = client(case).embeddings.create(model=model, input=["one", "two"])
    return {"lengths": [len(each.embedding) for each in answer.data], "told": {"input": answer.usage.prompt_tokens, "output": 0}}


def broken_stream(case, model):
    stream = client(case).chat.completions.create(
        model=model, messages=user("Count. [[sim: tokens=20 cut_after=8]]"), stream=True)
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


def refusal(error):
    return {"type": type(error).__name__, "status": getattr(error, "status_code", None), "code": error.code, "param": error.param}


QUESTIONS = {
    "chat": chat, "stream": stream, "tools": tools, "tools_streamed": tools_streamed, "parse": parse, "embed": embed,
    "broken_stream": broken_stream, "refused": refused,
}

for question in asked["questions"]:
    ask = QUESTIONS[question["ask"]]
    try:
        answer = ask(question["case"], question["model"], **question.get("with", {}))
    except Exception as error:  # What goes wrong is the answer to this question, and no reason to leave out the others.
        answer = {"failed": f"{type(error).__name__}: {error}"}
    print(json.dumps({"case": question["case"], **answer}), flush=True)
