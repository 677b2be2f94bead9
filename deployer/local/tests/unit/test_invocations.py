"""The Runtime API serves functions alone. Needs a Python, not the engine."""

import http.client
import http.server
import pathlib
import sys
import threading
import unittest

sys.path.append(str(pathlib.Path(__file__).parents[2]))

import invocations


class Answering(http.server.BaseHTTPRequestHandler):
    """Stands where the engine's handler stands."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


class RuntimeApi(unittest.TestCase):
    def setUp(self):
        build = invocations.serve_functions_alone(lambda worker, generation, pending: Answering, None)
        self.server = http.server.HTTPServer(("127.0.0.1", 0), build(None, 0, None))
        self.addCleanup(self.server.server_close)
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.shutdown)

    def ask(self, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/2018-06-01/runtime/invocation/next", headers=headers)
        return connection.getresponse().status

    def test_function_is_served_and_a_page_is_not(self):
        self.assertEqual(self.ask(), 200)
        for headers in (
            {"Origin": "https://a.example"},
            {"Referer": "https://a.example/page"},
            {"Sec-Fetch-Mode": "no-cors"},
            {"Host": "rebound.example"},
        ):
            with self.subTest(headers):
                self.assertEqual(self.ask(**headers), 403)


if __name__ == "__main__":
    unittest.main()
