"""What OpenAI's client sends as files: sound to write down, images to change."""

import io
import wave

from asked import client, refusal
from openai import APIError


def silence(seconds):
    file = io.BytesIO()
    file.name = "silence.wav"
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000 * seconds))
    file.seek(0)
    return file


def transcription(case, model):
    raw = client(case).audio.transcriptions.with_raw_response.create(model=model, file=silence(2), language="en")
    return {"text": raw.parse().text, "cost": raw.headers["x-alfred-cost-usd"]}


def transcription_streamed(case, model):
    events = list(client(case).audio.transcriptions.create(model=model, file=silence(2), stream=True))
    text = "".join(event.delta for event in events if event.type == "transcript.text.delta")
    return {"text": text, "last": events[-1].type, "cost": events[-1].alfred["cost_usd"]}


def transcription_refused(case, model):
    try:
        client(case).audio.transcriptions.create(model=model, file=silence(2), include=["logprobs"])
    except APIError as error:
        return refusal(error)
    return {}


def subtitles(case, model):
    return {"text": client(case).audio.transcriptions.create(model=model, file=silence(2), response_format="vtt")}


def image_edit(case, model):
    image = ("cat.png", b"PNG", "image/png")
    answer = client(case).images.edit(model=model, prompt="With a hat", image=[image, image], quality="low", size="1024x1024")
    return {"images": len(answer.data), "input": answer.usage.input_tokens, "output": answer.usage.output_tokens}


def translation(case, model):
    return {"text": client(case).audio.translations.create(model=model, file=silence(2)).text}
