"""client.py PORT CA FILE WHAT: aioquic as a client of localhost: gets /a.txt and FILE, by its name, over HTTP/3, in the way that WHAT says."""
import asyncio
import os
import ssl
import sys

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion

port, ca, large, what = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.answers = {}

    def quic_event_received(self, event):
        for told in self.http.handle_event(event):
            if isinstance(told, (HeadersReceived, DataReceived)) and told.stream_id in self.answers:
                answer = self.answers[told.stream_id]
                if isinstance(told, HeadersReceived):
                    answer["status"] = dict(told.headers)[b":status"]
                else:
                    answer["content"] += told.data
                if told.stream_ended:
                    answer["done"].set_result(answer)

    async def get(self, path, method=b"GET"):
        stream = self._quic.get_next_available_stream_id()
        answer = {"status": b"", "content": b"", "done": asyncio.get_running_loop().create_future()}
        self.answers[stream] = answer
        self.http.send_headers(stream, [(b":method", method), (b":scheme", b"https"), (b":authority", b"localhost:%d" % port), (b":path", path)], True)
        self.transmit()
        return await asyncio.wait_for(answer["done"], 40)


tokens = []  # that show another time that we are where we were: without one our server takes nothing early


async def talk(configuration, tickets):
    async with connect("127.0.0.1", port, configuration=configuration, create_protocol=Client, session_ticket_handler=tickets.append, token_handler=tokens.append) as client:
        small = await client.get(b"/a.txt")
        assert small["status"] == b"200" and small["content"] == b"hello from coffer\n", small
        if what == "a key update":
            client.request_key_update()
        if what == "another connection ID":
            client.change_connection_id()
        got, again = await asyncio.gather(client.get(b"/" + os.path.basename(large).encode()), client.get(b"/a.txt"))
        assert got["content"] == open(large, "rb").read(), "%d bytes" % len(got["content"])
        assert again["content"] == small["content"]
        if what == "version 2 asked for":
            print("version", hex(client._quic._version))
        return client._quic.tls._session_resumed


async def early(configuration, tickets, method, status):
    """A request goes with the hello, as the transport says."""
    async with connect("127.0.0.1", port, configuration=configuration, create_protocol=Client, session_ticket_handler=tickets.append, wait_connected=False) as client:
        answer = await client.get(b"/a.txt", method)
        assert answer["status"] == status, answer
        assert client._quic.tls.early_data_accepted, "it was not taken"


async def main():
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name="localhost")
    configuration.load_verify_locations(ca)
    configuration.verify_mode = ssl.CERT_REQUIRED
    if what == "version 2 asked for":
        configuration.original_version = QuicProtocolVersion.VERSION_2
        configuration.supported_versions = [QuicProtocolVersion.VERSION_2, QuicProtocolVersion.VERSION_1]
    tickets = []
    await talk(configuration, tickets)
    if what == "a session resumed":
        assert tickets, "no ticket came"
        configuration.session_ticket = tickets[-1]
        assert await talk(configuration, tickets), "it was not resumed"
    if "with the hello" in what:
        assert tickets, "no ticket came"
        assert tokens, "no token came"
        configuration.session_ticket = tickets[-1]
        configuration.token = tokens[-1]
        await early(configuration, tickets, b"POST" if "POST" in what else b"GET", b"425" if "POST" in what else b"200")


asyncio.run(main())
