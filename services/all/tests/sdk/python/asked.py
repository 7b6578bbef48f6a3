"""What the test asks, read from standard input as JSON, and the clients that ask it."""

import json
import sys
from typing import List

import anthropic
import openai
from pydantic import BaseModel

ASKED = json.load(sys.stdin)
TOOL = ASKED["tool"]
KEY = ASKED["key"]

OPENAI = openai.OpenAI(base_url=ASKED["url"] + "/v1", api_key=KEY, max_retries=0)
ANTHROPIC = anthropic.Anthropic(base_url=ASKED["url"], api_key=KEY, max_retries=0)


class Report(BaseModel):
    city: str
    celsius: float
    winds: List[str]
    dry: bool


def headers(case):
    return {"x-alfred-tags": f"case={case}"}


def client(case, key=None):
    return OPENAI.with_options(default_headers=headers(case), api_key=key or KEY)


def user(content):
    return [{"role": "user", "content": content}]


def told(input, output, raw=None):
    """What a client was told that its request used, and with the headers at hand what it cost."""
    counted = {"input": input, "output": output}
    return {**counted, "costUsd": raw.headers["x-alfred-cost-usd"]} if raw else counted


def refusal(error):
    return {"type": type(error).__name__, "status": getattr(error, "status_code", None), "code": error.code, "param": error.param}
