"""OpenAI's Responses."""

import json

from asked import ASKED, TOOL, Report, client, refusal, told, user
from openai import APIError

FUNCTION = {"type": "function", "strict": False, **TOOL["function"]}


def used(usage, raw=None):
    return told(usage.input_tokens, usage.output_tokens, raw)


def calls_of(response):
    return [item for item in response.output if item.type == "function_call"]


def arguments_of(response):
    return [{"name": call.name, "arguments": json.loads(call.arguments)} for call in calls_of(response)]


def results_of(response):
    return [{"type": "function_call_output", "call_id": call.call_id, "output": '{"celsius":21}'} for call in calls_of(response)]


def whole(case, model):
    raw = client(case).responses.with_raw_response.create(model=model, input=ASKED["prompt"])
    response = raw.parse()
    return {"text": response.output_text, "finish": response.status, "told": used(response.usage, raw)}


def streamed(case, model):
    with client(case).responses.stream(model=model, input=user(ASKED["prompt"])) as stream:
        events = list(stream)
        response = stream.get_final_response()
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    return {"text": text, "finish": response.status, "types": [events[0].type, events[-1].type],
            "told": used(response.usage)}


def tools(case, model):
    asked = user(ASKED["tool_prompt"])
    first = client(case).responses.create(model=model, input=asked, tools=[FUNCTION])
    second = client(case).responses.create(model=model, input=[*asked, *first.output, *results_of(first)], tools=[FUNCTION])
    return {"calls": arguments_of(first), "text": second.output_text, "finish": [first.status, second.status],
            "told": [used(first.usage), used(second.usage)]}


def tools_streamed(case, model):
    content = ASKED["tool_prompt"] + " [[sim: tool_calls=2]]"
    with client(case).responses.stream(model=model, input=content, tools=[FUNCTION]) as stream:
        return {"calls": arguments_of(stream.get_final_response())}


def parse(case, model):
    parsed = client(case).responses.parse(model=model, input="Weather?", text_format=Report).output_parsed
    return {"type": type(parsed).__name__, "fields": sorted(parsed.model_dump()) if parsed else []}


def thinking(case, model):
    """Thoughts come, and go back as they came."""
    asked = user(ASKED["tool_prompt"] + " [[sim: reasoning_tokens=5]]")
    more = {"model": model, "tools": [FUNCTION], "reasoning": {"effort": "low"}, "include": ["reasoning.encrypted_content"], "store": False}
    first = client(case).responses.create(**more, input=asked)
    second = client(case).responses.create(**more, input=[*asked, *first.output, *results_of(first)])
    return {"types": sorted(item.type for item in first.output), "finish": second.status}


def stored(case, model):
    """An answer is gone on from by its id, whole and streamed."""
    responses = client(case).responses
    first = responses.create(model=model, input="One")
    with responses.stream(model=model, input="Two", previous_response_id=first.id) as events:
        second = events.get_final_response()
    third = responses.create(model=model, input="Three", previous_response_id=second.id)
    shown = responses.retrieve(second.id)
    asked = [item.content for item in responses.input_items.list(third.id).data]
    responses.delete(first.id)
    follows = [second.previous_response_id == first.id, third.previous_response_id == second.id]
    return {"text": third.output_text, "follows": follows, "shown": shown.output_text, "asked": asked, "told": [used(each.usage) for each in (first, second, third)]}


def broken_stream(case, model):
    text = ""
    try:
        for event in client(case).responses.create(model=model, input=ASKED["broken_prompt"], stream=True):
            text += event.delta if event.type == "response.output_text.delta" else ""
    except APIError as error:
        return {"text": text, **refusal(error)}
    return {"text": text}


def refused(case, model, content="Hello", key=None, fields=None):
    try:
        answer = client(case, key).responses.create(model=model, input=content, extra_body=fields)
    except APIError as error:
        return refusal(error)
    return {"text": answer.output_text}
