"""Microsoft's own client for bots, behind a proxy that signs what it sends: it signs nothing itself."""

import http.server
import json
import os
import shutil
import socketserver
import subprocess
import threading

import httpx
from ports import free_port, is_answered


class SigningProxy:
    """Hands requests on to `target` with a token of the test's Bot Connector; `seen` are the activities."""

    def __init__(self, connector, target):
        self.seen = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                activity = json.loads(body)
                proxy.seen.append(activity)
                token = connector.token(serviceurl=activity.get("serviceUrl", ""))
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                response = httpx.post(f"{target}/api/messages", content=body, headers=headers, timeout=30)
                self.send_response(response.status_code)
                self.send_header("content-type", response.headers.get("content-type", "text/plain"))
                self.send_header("content-length", str(len(response.content)))
                self.end_headers()
                self.wfile.write(response.content)

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/messages"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Playground:
    """The Microsoft 365 Agents Playground as a process."""

    def __init__(self, packages, endpoint, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        cli = packages / "@microsoft/m365agentsplayground/cli.js"
        arguments = ["start", "-e", endpoint, "-c", "msteams", "-p", str(port), "--disable-telemetry"]
        self._log = (folder / "playground.log").open("wb")
        self._process = subprocess.Popen(
            [shutil.which("node"), cli, *arguments], cwd=folder, stdout=self._log, stderr=self._log,
            env={**os.environ, "BROWSER": "none"},
        )  # fmt: skip
        if not is_answered(port, "/"):
            raise RuntimeError((folder / "playground.log").read_text())

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()
