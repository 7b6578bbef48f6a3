"""Anthropic's Messages, by its own client."""

from anthropic import APIError, beta_tool
from asked import ANTHROPIC, ASKED, KEY, TOOL, headers, told, user

WEATHER = {"name": TOOL["function"]["name"], "description": TOOL["function"]["description"], "input_schema": TOOL["function"]["parameters"]}


def anthropic(case, key=None):
    return ANTHROPIC.with_options(default_headers=headers(case), api_key=key or KEY)


def used(usage, raw=None):
    return told(usage.input_tokens, usage.output_tokens, raw)


def calls_of(message):
    return [block for block in message.content if block.type == "tool_use"]


def inputs_of(message):
    return [{"name": call.name, "arguments": call.input} for call in calls_of(message)]


def turns_after(message):
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": '{"celsius":21}'} for call in calls_of(message)]
    return [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]


def whole(case, model):
    raw = anthropic(case).messages.with_raw_response.create(model=model, max_tokens=256, messages=user(ASKED["prompt"]))
    message = raw.parse()
    return {"text": message.content[0].text, "finish": message.stop_reason, "told": used(message.usage, raw)}


def streamed(case, model):
    with anthropic(case).messages.stream(model=model, max_tokens=256, messages=user(ASKED["prompt"])) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    return {"text": text, "finish": message.stop_reason, "told": used(message.usage)}


def tools(case, model):
    asked = user(ASKED["tool_prompt"])
    more = {"model": model, "max_tokens": 256, "tools": [WEATHER]}
    first = anthropic(case).messages.create(**more, messages=asked)
    second = anthropic(case).messages.create(**more, messages=[*asked, *turns_after(first)])
    return {"calls": inputs_of(first), "text": second.content[0].text, "finish": [first.stop_reason, second.stop_reason],
            "told": [used(first.usage), used(second.usage)]}


def tools_streamed(case, model):
    content = ASKED["tool_prompt"] + " [[sim: tool_calls=2]]"
    with anthropic(case).messages.stream(model=model, max_tokens=256, messages=user(content), tools=[WEATHER]) as stream:
        message = stream.get_final_message()
    return {"calls": inputs_of(message), "finish": message.stop_reason}


def runner(case, model):
    """The client runs the tool by itself, and tells the last answer."""
    cities = []

    @beta_tool
    def get_weather(city: str) -> str:
        """Tells the weather of a city."""
        cities.append(city)
        return "21"

    runs = anthropic(case).beta.messages.tool_runner(
        model=model, max_tokens=256, messages=user(ASKED["tool_prompt"]), tools=[get_weather])
    return {"finish": runs.until_done().stop_reason, "runs": len(cities)}


def count(case, model):
    return {"tokens": anthropic(case).messages.count_tokens(model=model, messages=user(ASKED["prompt"])).input_tokens}


def models(case, model):
    listed = [each.id for each in anthropic(case).models.list()]
    one = anthropic(case).models.retrieve(model)
    return {"is_listed": model in listed, "id": one.id, "type": one.type}


def thinking(case, model):
    """Thoughts come, signed where the provider signs them, and go back as they came."""
    asked = user(ASKED["tool_prompt"] + " [[sim: reasoning_tokens=5]]")
    more = {"model": model, "max_tokens": 4096, "tools": [WEATHER], "thinking": {"type": "enabled", "budget_tokens": 1024}}
    with anthropic(case).messages.stream(**more, messages=asked) as stream:
        first = stream.get_final_message()
    second = anthropic(case).messages.create(**more, messages=[*asked, *turns_after(first)])
    return {"types": [block.type for block in first.content], "finish": second.stop_reason}


def broken_stream(case, model):
    text = ""
    try:
        with anthropic(case).messages.stream(model=model, max_tokens=256, messages=user(ASKED["broken_prompt"])) as stream:
            for piece in stream.text_stream:
                text += piece
    except APIError as error:
        return {"text": text, **refusal(error)}
    return {"text": text}


def refused(case, model, content="Hello", key=None, fields=None):
    try:
        answer = anthropic(case, key).messages.create(model=model, max_tokens=256, messages=user(content), extra_body=fields)
    except APIError as error:
        return refusal(error)
    return {"text": answer.content[0].text}


def refusal(error):
    told = error.body["error"] if isinstance(error.body, dict) else {}
    return {"type": type(error).__name__, "status": getattr(error, "status_code", None), "code": told.get("code"),
            "param": told.get("details", {}).get("field")}
