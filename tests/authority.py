"""A time-stamping authority of one's own, by `openssl`, for tests."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_MAY = """\
extendedKeyUsage=critical,timeStamping
keyUsage=critical,digitalSignature
basicConstraints=critical,CA:false
"""
_SETTINGS = """\
[tsa]
default_tsa = signer
[signer]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
certs = {folder}/signer.pem
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
{accuracy}
ess_cert_id_alg = sha256
"""


def available() -> bool:
    """Whether there is an `openssl` to make one with."""
    return shutil.which("openssl") is not None


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@dataclass(frozen=True)
class Authority:
    """Its keys and certificates lie in `folder`; `root` is the certificate to trust."""

    folder: Path

    @classmethod
    def begin(
        cls, folder: Path, name: str = "Test", accuracy: str = "accuracy = secs:1, millisecs:500"
    ) -> Authority:
        """Make keys, a root certificate, and a signer's certificate under it."""
        folder.mkdir(parents=True)
        own = cls(folder)
        key, signer, asked = folder / "root.key", folder / "signer.key", folder / "signer.csr"
        subject = ("-subj", f"/CN={name} root")
        _openssl("req", "-x509", *_KEY, "-keyout", key, "-out", own.root, "-days", "9", *subject)
        _openssl("req", *_KEY, "-keyout", signer, "-out", asked, "-subj", f"/CN={name} signer")
        (folder / "may").write_text(_MAY, encoding="utf-8")
        given = ("-CA", own.root, "-CAkey", key, "-CAcreateserial", "-extfile", folder / "may")
        _openssl("x509", "-req", "-in", asked, *given, "-days", "9", "-out", folder / "signer.pem")
        settings = _SETTINGS.format(folder=folder, accuracy=accuracy)
        (folder / "settings").write_text(settings, encoding="utf-8")
        (folder / "serial").write_text("01", encoding="utf-8")
        return own

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def answer(self, request: Path, answer: Path) -> Path:
        """Sign a request and return its answer."""
        how = ("-config", self.folder / "settings")
        _openssl("ts", "-reply", *how, "-queryfile", request, "-out", answer)
        return answer

    def reads(self, answer: Path) -> str:
        """Return what `openssl` itself reads in an answer."""
        command = ["openssl", "ts", "-reply", "-in", answer, "-text"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def confirms(self, data: Path, answer: Path) -> bool:
        """Whether `openssl` itself confirms an answer."""
        command = ["openssl", "ts", "-verify", "-data", data, "-in", answer, "-CAfile", self.root]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
