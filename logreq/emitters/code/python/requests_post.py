"""How a script sends a call by the requests package, in place of panel.py's `post`."""

import requests
import urllib3


def post(url, form, insecure):  # gives the status, where a redirect leads, the answer
    if insecure:
        urllib3.disable_warnings()
    options = {"allow_redirects": False, "verify": not insecure}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = requests.post(url, form, headers=headers, timeout=600, **options)
    return reply.status_code, reply.headers.get("Location"), reply.content
