"""A self-signed certificate for loopback, made once per test run by the openssl command."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

# A file of our own: the system's openssl.cnf differs from one distribution to the next.
# Key usage and both key identifiers are what Python 3.13's strict checking asks for.
CONFIG = """
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = localhost
[extensions]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = IP:127.0.0.1, DNS:localhost
"""


@functools.cache
def certificate() -> tuple[Path, Path]:
    """Give the paths of the certificate and its key, both PEM."""
    directory = Path(tempfile.mkdtemp(prefix="logreq-tls-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    config, chain, key = (directory / name for name in ("openssl.cnf", "cert.pem", "key.pem"))
    config.write_text(CONFIG)
    command = "openssl req -x509 -days 2 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    paths = ["-config", str(config), "-out", str(chain), "-keyout", str(key)]
    subprocess.run([*command.split(), *paths], check=True, capture_output=True, timeout=60)
    return chain, key
