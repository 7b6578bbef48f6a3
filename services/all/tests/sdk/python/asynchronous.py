"""The asynchronous clients, several calls at once."""

import asyncio

import anthropic
import openai
from asked import ASKED, KEY, headers, user


def openai_client(case):
    return openai.AsyncOpenAI(base_url=ASKED["url"] + "/v1", api_key=KEY, max_retries=0, default_headers=headers(case))


async def chat_piece(client, model):
    stream = await client.chat.completions.create(model=model, messages=user(ASKED["prompt"]), stream=True)
    return "".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices])


async def response(client, model):
    return (await client.responses.create(model=model, input=ASKED["prompt"])).output_text


async def response_piece(client, model):
    async with client.responses.stream(model=model, input=ASKED["prompt"]) as stream:
        return (await stream.get_final_response()).output_text


async def message(client, model):
    answer = await client.messages.create(model=model, max_tokens=256, messages=user(ASKED["prompt"]))
    return answer.content[0].text


async def message_piece(client, model):
    async with client.messages.stream(model=model, max_tokens=256, messages=user(ASKED["prompt"])) as stream:
        return "".join([text async for text in stream.text_stream])


async def ask_all(case, model):
    async with openai_client(case) as openai_one, anthropic.AsyncAnthropic(
            base_url=ASKED["url"], api_key=KEY, max_retries=0, default_headers=headers(case)) as anthropic_one:
        asked = [ask(openai_one, model) for ask in [chat_piece, response, response_piece]]
        asked += [ask(anthropic_one, model) for ask in [message, message_piece]]
        return await asyncio.gather(*asked)


def everything(case, model):
    return {"texts": asyncio.run(ask_all(case, model))}
