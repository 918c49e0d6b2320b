# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven over the DevTools protocol (chromedevtools.github.io/devtools-protocol) by nothing but
Python's library: a page is opened from a file, asked, pressed, printed."""
import base64
import http.client
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
TIMEOUT = 120  # seconds: other tests run at the same time
KEYS = {"Tab": 9, "Enter": 13, " ": 32}


def missing():
    """Why there is nothing to test with, or None."""
    return None if PROGRAM else "there is no chromium on this machine (Debian package chromium)"


class Socket:
    """A client of RFC 6455, without extensions; only whole text messages."""

    def __init__(self, host, port, path):
        self.socket = socket.create_connection((host, port), TIMEOUT)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        assert b" 101 " in self.file.readline()
        while self.file.readline().strip():
            pass

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        head = bytes([0x81])
        if len(data) < 126:
            head += bytes([0x80 | len(data)])
        elif len(data) < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(data))
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", len(data))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def receive(self):
        """The next message; frames that continue one are joined."""
        message = b""
        while True:
            first, second = self.file.read(2)
            length = second & 0x7f
            if length == 126:
                length = struct.unpack(">H", self.file.read(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self.file.read(8))[0]
            data = self.file.read(length)
            if first & 0x0f in (0, 1):
                message += data
                if first & 0x80:
                    return message.decode()
            elif first & 0x0f == 8:
                raise ConnectionError("chromium closed the connection")

    def close(self):
        self.file.close()
        self.socket.close()


class Chromium:
    """with Chromium() as browser: page = browser.open(path)"""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="skant-chromium-")
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-port=0",
             f"--user-data-dir={self.folder}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file, end = os.path.join(self.folder, "DevToolsActivePort"), time.monotonic() + TIMEOUT
        while not os.path.exists(port_file) or not open(port_file, encoding="ascii").read().count("\n"):  # noqa
            if self.process.poll() is not None or time.monotonic() > end:
                self.close()
                raise AssertionError("chromium does not start")
            time.sleep(0.05)
        with open(port_file, encoding="ascii") as f:
            self.port = int(f.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(TIMEOUT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, path, **options):
        """A page in a tab of its own, when it is loaded."""
        http_client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        http_client.request("PUT", "/json/new?about:blank")
        target = json.loads(http_client.getresponse().read())["webSocketDebuggerUrl"]
        http_client.close()
        return Page(Socket("127.0.0.1", self.port, "/" + target.split("/", 3)[3]), path, **options)


class Page:
    """One page. errors: what its console and the browser had to say; requests: what it asked for but itself."""

    def __init__(self, channel, path, width=1280, height=900, scheme="light", script=True):
        self.socket, self.count, self.errors, self.requests = channel, 0, [], []
        self.loaded = False
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(domain + ".enable")
        self.resize(width, height)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.url = "file://" + os.path.abspath(path)
        self.loaded = False
        self.call("Page.navigate", url=self.url)
        while not self.loaded:
            self._note(json.loads(self.socket.receive()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _note(self, event):
        method, params = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.errors.append(params["args"])
        elif method == "Log.entryAdded":
            self.errors.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent" and params["request"]["url"] != getattr(self, "url", None):
            if not params["request"]["url"].startswith(("about:", "data:")):
                self.requests.append(params["request"]["url"])

    def call(self, method, **params):
        self.count += 1
        number = self.count
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.receive())
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._note(answer)

    def eval(self, expression):
        """The value of an expression of JavaScript, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def press(self, key):
        """A key, as a person presses it."""
        text = {"text": "\r"} if key == "Enter" else {"text": " "} if key == " " else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code="Space" if key == " " else key,
                      windowsVirtualKeyCode=KEYS[key], **(text if kind == "keyDown" else {}))

    def type(self, text):
        self.call("Input.insertText", text=text)

    def print(self):
        """The page as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def screenshot(self, selector=None):
        params = {}
        if selector:
            box = self.eval(f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
                            " return [r.x + scrollX, r.y + scrollY, r.width, r.height]; })()")
            params["clip"] = dict(zip(("x", "y", "width", "height"), box), scale=1)
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True, **params)["data"])
