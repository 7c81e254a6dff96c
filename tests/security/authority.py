"""An authority of the tests' own: it certifies what the tests ask it to, in or out of date."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """Makes certificates with the openssl program; its own is in `file`."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("no openssl here (Debian: apt install openssl)")
        self._folder = folder
        self.file = folder / "authority.pem"
        (folder / "index.txt").touch()
        (folder / "openssl.cnf").write_text(CONFIG.format(folder=folder))
        self._openssl("req", "-x509", *KEY, "-keyout", "authority.key", "-out", self.file,
                      "-subj", "/CN=authority of the tests", "-days", "2")  # fmt: skip

    def certify(self, host: str, *, days: tuple[int, int] = (-1, 1)) -> tuple[Path, Path]:
        """Return the files of a certificate for a host, valid from and until so many days."""
        name = f"{host}{days[1]}"
        pem, key, request = (self._folder / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        if not pem.exists():
            self._openssl("req", *KEY, "-keyout", key, "-out", request, "-subj", f"/CN={host}",
                          "-addext", f"subjectAltName=DNS:{host}")  # fmt: skip
            start, end = (datetime.now(UTC) + timedelta(days=each) for each in days)
            self._openssl("ca", "-batch", "-notext", "-config", "openssl.cnf",
                          "-cert", self.file, "-keyfile", "authority.key",
                          "-in", request, "-out", pem,
                          "-startdate", f"{start:%Y%m%d%H%M%SZ}",
                          "-enddate", f"{end:%Y%m%d%H%M%SZ}")  # fmt: skip
        return pem, key

    def _openssl(self, *arguments: str | Path) -> None:
        subprocess.run(
            ["openssl", *arguments], cwd=self._folder, check=True, capture_output=True, timeout=60
        )
