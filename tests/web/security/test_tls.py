"""Nothing crosses the network in plain text unless somebody says so."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from twinward.errors import BadInput
from twinward.web.security import Tls, check_binding


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*form))
    (tmp_path / "key.pem").chmod(0o600)
    return Tls(tmp_path / "cert.pem", tmp_path / "key.pem")


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> str | None:
    """The version both agree on, without a socket."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    two = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (one, two):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return one.version()


def test_modern_clients_get_in_and_old_ones_do_not(tls: Tls) -> None:
    client = ssl.create_default_context(cafile=str(tls.certificate))
    assert shake_hands(tls.context(), client) == "TLSv1.3"
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert shake_hands(tls.context(), client) == "TLSv1.2"
    assert tls.context().minimum_version == ssl.TLSVersion.TLSv1_2
    weak = ssl.create_default_context(cafile=str(tls.certificate))
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA256")
    with pytest.raises(ssl.SSLError):
        shake_hands(tls.context(), weak)


def test_a_key_that_lies_open_is_refused(tls: Tls) -> None:
    tls.key.chmod(0o644)
    with pytest.raises(BadInput, match="chmod"):
        tls.context()


def test_what_does_not_fit_is_named(tls: Tls, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"tls\.certificate.*absent"):
        Tls(tmp_path / "absent.pem", tls.key).context()
    with pytest.raises(BadInput, match="certificate and its key"):
        Tls(tls.key, tls.key).context()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.7", "twin.hospital.example", "127.0.0.1.evil", "0"])
def test_no_plain_text_to_the_network(host: str, tls: Tls) -> None:
    with pytest.raises(BadInput, match="insecure = true"):
        check_binding(host, None)
    check_binding(host, None, insecure=True)
    check_binding(host, tls)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_itself_needs_none(host: str) -> None:
    check_binding(host, None)
