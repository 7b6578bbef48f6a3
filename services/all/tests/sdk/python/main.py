"""Drives the mesh with the official clients for Python, as their documentation uses them.

Prints what it was answered, a line of JSON for each question. What is right is for the test to say.
"""

import json

import asynchronous
import chats
import faces
import messages
import responses
from asked import ASKED

MODULES = {"chats": chats, "responses": responses, "messages": messages, "faces": faces, "asynchronous": asynchronous}

for question in ASKED["questions"]:
    module, ask = question["ask"].split(".")
    try:
        answer = getattr(MODULES[module], ask)(question["case"], question["model"], **question.get("with", {}))
    except Exception as error:  # What goes wrong is the answer to this question, and no reason to leave out the others.
        answer = {"failed": f"{type(error).__name__}: {error}"}
    print(json.dumps({"case": question["case"], **answer}), flush=True)
