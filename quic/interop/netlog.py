"""netlog.py FILE: whether Chromium spoke HTTP/3 with the key share X25519MLKEM768 (0x11ec = 4588), by its net log; else an exit code of 1 and why."""
import base64
import json
import sys

text = open(sys.argv[1], encoding="utf-8", errors="replace").read()
try:
    log = json.loads(text)
except ValueError:  # it was ended before the last line was written
    log = json.loads(text.rstrip().rstrip(",") + "]}")
names = {number: name for name, number in log["constants"]["logEventTypes"].items()}
heads = 0
crypto = {}
for event in log["events"]:
    name = names.get(event["type"], "")
    parameters = event.get("params", {})
    if name == "HTTP3_HEADERS_DECODED":
        heads += any(field.get("name") == ":status" for field in parameters.get("headers", []) if isinstance(field, dict)) \
            or ":status" in json.dumps(parameters)
    if name == "QUIC_SESSION_CRYPTO_FRAME_RECEIVED" and "bytes" in parameters and parameters.get("encryption_level", "").endswith("INITIAL"):
        crypto[int(parameters.get("offset", 0))] = base64.b64decode(parameters["bytes"])
hello = b"".join(crypto[at] for at in sorted(crypto))
# key_share of a ServerHello: extension 51, its length, the group, the length of the share (RFC 8446, section 4.2.8)
shared = b"\x00\x33\x04\x64\x11\xec\x04\x60" in hello
if not heads:
    sys.exit("no head was decoded over HTTP/3")
if not shared:
    sys.exit("no key share 0x11ec in the server's hello: " + (hello[:16].hex() or "no bytes of it in the log"))
print(heads, "heads over HTTP/3, key share 0x11ec")
