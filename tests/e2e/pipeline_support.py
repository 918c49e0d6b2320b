# SPDX-License-Identifier: Apache-2.0
"""What recipes and soak runs need beside skantd and a journald: ports, certificates."""
import os
import socket
import subprocess


def is_open(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", int(port))) == 0


def make_certificates(folder, *names):
    """ca.pem in the folder, and for each name NAME.pem and NAME.key, for that name and 127.0.0.1."""
    def openssl(arguments):
        subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)

    new_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    os.makedirs(folder, 0o700)
    openssl(f"req -x509 {new_key} -keyout ca.key -out ca.pem -subj /CN=ca -days 2")
    for name in names:
        with open(os.path.join(folder, name + ".ext"), "w", encoding="ascii") as f:
            f.write(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
        openssl(f"req {new_key} -keyout {name}.key -out {name}.csr -subj /CN={name}")
        openssl(f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile {name}.ext "
                f"-out {name}.pem")


def journal_sink(journald):
    """The keys that lead a journald sink into the namespace of a test's journald: /proc shows its files."""
    with open("/etc/machine-id", encoding="ascii") as f:
        files = os.path.join(journald.dir, "j", f.read().strip())
    root = os.path.join("/proc", str(journald.space.pid), "root")
    return {"socket": os.path.join(root, "run", "systemd", "journal", "socket"), "journal": files}
