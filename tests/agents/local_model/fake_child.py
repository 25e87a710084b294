"""A stand-in for child.py: listens, knows its key, ends with its standard input. Argument: a folder for its traces."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

folder = Path(sys.argv[1])
wanted = json.loads(sys.stdin.readline())
with (folder / "starts").open("a") as starts:
    starts.write(json.dumps(wanted) + "\n")
if (folder / "fail").exists():
    sys.exit(1)
if (folder / "error").exists():
    print(json.dumps({"error": (folder / "error").read_text()}), flush=True)
    sys.exit(1)


class Models(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers["Authorization"] == f"Bearer {wanted['key']}" else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Models)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"address": f"http://127.0.0.1:{server.server_port}"}), flush=True)
sys.stdin.read()
(folder / "ended").touch()
