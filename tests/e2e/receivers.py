# SPDX-License-Identifier: Apache-2.0
"""Real syslog receivers in a folder of their own, on free ports: rsyslog with all of its inputs, and syslog-ng, which
Debian does not let stand beside it, so that tests/support/setup.sh only unpacks it."""
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CERTIFICATES = os.path.join(HERE, "..", "mock", "certs.sh")
RSYSLOGD = shutil.which("rsyslogd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
UNPACKED = os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "unpacked")
PATIENCE = 60
TRIES = 5
ID = re.compile(rb"activity_([0-9]{8})")


def free_port():
    """One that was free for TCP and UDP a moment ago, and below those that the kernel gives: it may give one of those to
    somebody else meanwhile, or to who asks whether it is open, who is then connected with himself."""
    while True:
        port = random.SystemRandom().randrange(20000, 32768)
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def make_certificates(folder):
    """In folder: what tests/mock/certs.sh makes, a client's (its name is skantd), and one that the CA does not know."""
    subprocess.run(["sh", CERTIFICATES, folder], check=True, capture_output=True)

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    for name in ("client", "stranger"):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
    with open(os.path.join(folder, "client.ext"), "w", encoding="ascii") as f:
        f.write("subjectAltName=DNS:skantd\nextendedKeyUsage=clientAuth\n")
    openssl("req", "-new", "-key", "client.key", "-subj", "/CN=skantd", "-out", "client.csr")
    openssl("x509", "-req", "-in", "client.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "client.ext", "-out", "client.pem")
    openssl("req", "-x509", "-new", "-key", "stranger.key", "-subj", "/CN=skantd", "-days", "30", "-out",
            "stranger.pem")


def is_listening(kind, port):
    """Whether somebody does; asks the system, as a connection would be one more thing that the receiver sees."""
    state = "0A" if kind == "tcp" else "07"
    with open(f"/proc/net/{kind}", encoding="ascii") as f:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == state for line in f.readlines()[1:])


class Receiver:
    """A daemon, started and ready. folder is the test's; certificates are made in folder/certs."""

    tcp_ports, udp_ports, sockets = (), (), ()  # names of what must be there before it is ready

    def __init__(self, test, folder):
        self.folder = folder
        self.certs = os.path.join(folder, "certs")
        self.output = os.path.join(folder, "out.log")
        self.errors = os.path.join(folder, "errors.log")
        self.ports = {}
        self.process = None
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(self.certs):
            make_certificates(self.certs)
        test.addCleanup(self.kill)
        for _ in range(TRIES):  # a port that was free may no longer be
            self.ports = {name: free_port() for name in {*self.tcp_ports, *self.udp_ports}}
            self.configure()
            if self.start(must=False):
                return
            self.kill()
        raise AssertionError("the receiver did not get ready: " + self.said())

    def configure(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, must=True):
        """Starts it, at the same ports as before. Whether it is ready."""
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                self.command(), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=self.environment())
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            if self._is_ready():
                return True
            if "bind" in self.said() or "already in use" in self.said():
                break
            time.sleep(0.02)
        assert not must, "the receiver did not get ready: " + self.said()
        return False

    def _is_ready(self):
        return (all(is_listening("tcp", self.ports[p]) for p in self.tcp_ports) and
                all(is_listening("udp", self.ports[p]) for p in self.udp_ports) and
                all(os.path.exists(self.path(s)) for s in self.sockets))

    def said(self):
        with open(self.errors, encoding="utf-8", errors="replace") as f:
            return f.read()

    def signal(self, number):
        self.process.send_signal(number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        """In order: what it has is written."""
        self.process.terminate()
        self.process.wait(PATIENCE)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)

    def restart(self):
        self.stop()
        self.start()

    def lines(self):
        """What it has written, a message a line."""
        if not os.path.exists(self.output):
            return []
        with open(self.output, "rb") as f:
            return f.read().split(b"\n")[:-1]

    def numbers(self):
        """The numbers of the events that it has written, in its order."""
        return [int(m.group(1)) for m in map(ID.search, self.lines()) if m]

    def wait_for(self, count, seconds=PATIENCE):
        """Until so many different events are written; their numbers then."""
        end = time.monotonic() + seconds
        while True:
            numbers = self.numbers()
            if len(set(numbers)) >= count or time.monotonic() > end:
                return numbers
            time.sleep(0.05)


class Rsyslog(Receiver):
    """rsyslogd with imudp, imtcp, imtcp over TLS, imrelp, imrelp over TLS and imuxsock. max_message: its limit."""

    tcp_ports, udp_ports, sockets = ("tcp", "tls", "relp", "relp+tls"), ("udp",), ("log.sock",)

    def __init__(self, test, folder, max_message="8k"):
        self.max_message = max_message
        super().__init__(test, folder)

    @property
    def socket(self):
        return self.path("log.sock")

    def command(self):
        return [RSYSLOGD, "-n", "-f", self.path("rsyslog.conf"), "-i", self.path("pid")]

    def configure(self):
        w, c, p = self.folder, self.certs, self.ports
        with open(self.path("rsyslog.conf"), "w", encoding="ascii") as f:
            f.write(f"""
global(workDirectory="{w}" maxMessageSize="{self.max_message}" defaultNetstreamDriverCAFile="{c}/ca.pem"
       defaultNetstreamDriverCertFile="{c}/server.pem" defaultNetstreamDriverKeyFile="{c}/server.key")
module(load="imudp") module(load="imtcp") module(load="imrelp" tls.tlslib="openssl")
module(load="imuxsock" SysSock.Use="off")
template(name="p" type="string" string="from=%inputname% pri=%pri% host=%hostname% app=%app-name% msgid=%msgid% sd=%structured-data% msg=%msg%\\n")
ruleset(name="r") {{ action(type="omfile" file="{self.output}" template="p") }}
input(type="imudp" address="127.0.0.1" port="{p['udp']}" ruleset="r" rcvbufSize="4m")
input(type="imtcp" address="127.0.0.1" port="{p['tcp']}" ruleset="r")
input(type="imtcp" address="127.0.0.1" port="{p['tls']}" ruleset="r" streamDriver.name="ossl" streamDriver.mode="1"
      streamDriver.authMode="x509/name" permittedPeer=["skantd"])
input(type="imrelp" address="127.0.0.1" port="{p['relp']}" ruleset="r" maxDataSize="64k")
input(type="imrelp" address="127.0.0.1" port="{p['relp+tls']}" ruleset="r" maxDataSize="64k" tls="on"
      tls.caCert="{c}/ca.pem" tls.myCert="{c}/server.pem" tls.myPrivKey="{c}/server.key" tls.authMode="name"
      tls.permittedPeer=["skantd"])
input(type="imuxsock" socket="{self.socket}" createPath="on" ruleset="r" useSpecialParser="off" rateLimit.Interval="0")
""")


class SyslogNg(Receiver):
    """syslog-ng with syslog() over TCP, TLS and UDP, and the socket of a local daemon."""

    tcp_ports, udp_ports, sockets = ("tcp", "tls"), ("udp",), ("log.sock",)

    @property
    def socket(self):
        return self.path("log.sock")

    def environment(self):
        libraries = os.path.join(UNPACKED, "usr/lib/syslog-ng")
        return {**os.environ, "LD_LIBRARY_PATH": f"{libraries}:{libraries}/3.38"}

    def command(self):
        return [os.path.join(UNPACKED, "usr/sbin/syslog-ng"), "-F", "--no-caps", "--stderr",
                "--module-path", os.path.join(UNPACKED, "usr/lib/syslog-ng/3.38"), "-f", self.path("syslog-ng.conf"),
                "-R", self.path("persist"), "-c", self.path("control"), "-p", self.path("pid")]

    def configure(self):
        c, p = self.certs, self.ports
        with open(self.path("syslog-ng.conf"), "w", encoding="ascii") as f:
            f.write(f"""@version: 3.38
options {{ stats-freq(0); }};
source s {{ syslog(ip(127.0.0.1) port({p['tcp']}) transport("tcp"));
  syslog(ip(127.0.0.1) port({p['udp']}) transport("udp") so-rcvbuf(4194304));
  syslog(ip(127.0.0.1) port({p['tls']}) transport("tls") tls(key-file("{c}/server.key") cert-file("{c}/server.pem")
    ca-file("{c}/ca.pem") peer-verify(required-trusted)));
  unix-dgram("{self.socket}" flags(syslog-protocol)); }};
destination d {{ file("{self.output}" template("pri=$PRI app=$PROGRAM msgid=$MSGID sd=$SDATA msg=$MESSAGE\\n")); }};
log {{ source(s); destination(d); }};
""")


NO_RSYSLOG = None if RSYSLOGD else "rsyslogd is not installed"
NO_SYSLOG_NG = (None if os.path.exists(os.path.join(UNPACKED, "usr/sbin/syslog-ng"))
                else "no syslog-ng is unpacked (tests/support/setup.sh test)")
