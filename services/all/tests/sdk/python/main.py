"""Drives the mesh with the official clients for Python, as their documentation uses them.

Prints what it was answered, a line of JSON for each question. What is right is for the test to say.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import asynchronous
import chats
import faces
import files
import messages
import responses
from asked import ASKED

MODULES = {"chats": chats, "responses": responses, "messages": messages, "faces": faces, "files": files, "asynchronous": asynchronous}



def answer_to(question):
    module, ask = question["ask"].split(".")
    try:
        return getattr(MODULES[module], ask)(question["case"], question["model"], **question.get("with", {}))
    except Exception as error:  # What goes wrong is the answer to this question, and no reason to leave out the others.
        return {"failed": f"{type(error).__name__}: {error}"}


# A few at once: most of the time is spent waiting for the mesh.
with ThreadPoolExecutor(max_workers=4) as pool:
    for question, answer in zip(ASKED["questions"], pool.map(answer_to, ASKED["questions"])):
        print(json.dumps({"case": question["case"], **answer}), flush=True)
