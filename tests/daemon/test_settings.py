"""The config: every folder of tests/daemon/configs is a bad one, with the exact message that its operator reads."""

import os
from datetime import time
from pathlib import Path

import pytest

from daemon.documents.reader import Limits
from daemon.settings import ConfigError, Settings, load
from daemon.world import limits_of

CONFIGS = sorted(path.parent for path in Path(__file__).parent.glob("configs/*/config.toml"))
EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith("ZLCP_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("folder", CONFIGS, ids=lambda folder: folder.name)
def test_a_bad_config_is_named_in_one_line_with_every_fault(folder):
    with pytest.raises(ConfigError) as caught:
        load(folder / "config.toml")
    message = (folder / "message.txt").read_text(encoding="utf-8").strip()
    assert str(caught.value) == f"{folder / 'config.toml'}: {message}"


def test_the_example_loads_as_it_stands_and_names_every_key():
    settings = load(EXAMPLE)
    text = EXAMPLE.read_text(encoding="utf-8")
    sections = {name: text.partition(f"[{name}]")[2].partition("\n[")[0] for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        keys = {line.partition("=")[0].strip() for line in sections[name].splitlines() if "=" in line.partition("#")[0]}
        assert keys == set(field.annotation.model_fields), name
    assert settings.digest.time == time(17, 30)


def test_a_default_is_what_the_example_says():
    settings = load(EXAMPLE)
    for name, field in Settings.model_fields.items():
        for key, given in field.annotation.model_fields.items():
            if not given.is_required() and key not in {"recipients", "username"}:
                assert getattr(getattr(settings, name), key) == given.default, f"{name}.{key}"


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match=r"no such file; copy config\.example\.toml"):
        load(tmp_path / "none.toml")


def test_the_environment_overrides_the_file(monkeypatch):
    monkeypatch.setenv("ZLCP_MAILBOX__PASSWORD", "from-environment")
    monkeypatch.setenv("ZLCP_OUTGOING__PORT", "587")
    monkeypatch.setenv("ZLCP_MAILBOX__IDLE", "false")
    monkeypatch.setenv("ZLCP_DIGEST__RECIPIENTS", "a@example.cn, b@example.cn")
    settings = load(EXAMPLE)
    assert settings.mailbox.password.get_secret_value() == "from-environment"
    assert (settings.outgoing.port, settings.mailbox.idle) == (587, False)
    assert settings.digest.recipients == ("a@example.cn", "b@example.cn")


def test_an_unknown_key_in_the_environment_is_a_fault_too(monkeypatch):
    monkeypatch.setenv("ZLCP_MAILBOX__HOTS", "x")
    with pytest.raises(ConfigError, match=r"mailbox\.hots is not known"):
        load(EXAMPLE)


def test_the_config_can_be_named_by_the_environment(monkeypatch):
    monkeypatch.setenv("ZLCP_CONFIG", str(EXAMPLE))
    assert load().mailbox.host == "imap.example.cn"


def test_a_password_is_read_from_its_file_and_never_shown(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("pässwört\n", encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(EXAMPLE.read_text(encoding="utf-8").replace('password_file = ""', f'password_file = "{secret}"', 1), encoding="utf-8")
    settings = load(config)
    assert settings.mailbox.password.get_secret_value() == "pässwört"
    assert "pässwört" not in repr(settings)


def test_a_wrong_password_type_does_not_show_the_password(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[mailbox]\nhost = "h"\nusername = "u"\npassword = ["geheim"]\n[outgoing]\nhost = "h"\nsender = "a@b.cn"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(config)
    assert "geheim" not in str(caught.value)


def test_every_limit_reaches_the_reader(tmp_path, monkeypatch):
    for place, name in enumerate(("MAIL_MB", "FILE_MB", "TOTAL_MB", "FILES", "DEPTH", "MAILS", "RATIO"), 1):
        monkeypatch.setenv(f"ZLCP_LIMITS__{name}", str(place))
    mega = 1024 * 1024
    assert limits_of(load(EXAMPLE)) == Limits(mega, 2 * mega, 3 * mega, 4, 5, 6, 7)
