"""Where made-up command lines run: what they write by a relative path ends with the test."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder_of_its_own(tmp_path):
    """Work in a folder of the test's own."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(before)
