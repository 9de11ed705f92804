"""Encryption on the way: contexts for servers, and no binding beyond this machine without them."""

import ipaddress
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from twinward.errors import BadInput

# Forward secrecy and authenticated encryption only (Mozilla "intermediate", TLS 1.2 part; 1.3 has no others).
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"


@dataclass(frozen=True, slots=True)
class Tls:
    """Where the certificate lies.

    Args:
        certificate: PEM file: the server's certificate, then those between it and the root.
        key: PEM file of its private key; must not be readable by everybody.
        clients: PEM file of the authorities whose client certificates are asked for (feeds); None asks for none.
    """

    certificate: Path
    key: Path
    clients: Path | None = None

    def context(self) -> ssl.SSLContext:
        """A server's context: TLS 1.2 or later.

        Raises:
            BadInput: a file is missing, does not belong to the other, or the key lies open.
        """
        for field, path in (
            ("tls.certificate", self.certificate),
            ("tls.key", self.key),
            ("tls.clients", self.clients),
        ):
            if path is not None and not path.is_file():
                raise BadInput(field, str(path), "a PEM file that exists")
        if self.key.stat().st_mode & stat.S_IRWXO:
            raise BadInput(
                "tls.key", f"{self.key} (readable by everybody)", "a file that others cannot read: chmod 640"
            )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(_CIPHERS)
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
        try:
            # The empty password keeps OpenSSL from asking at a terminal that nobody watches.
            context.load_cert_chain(self.certificate, self.key, password="")
            if self.clients is not None:
                context.load_verify_locations(self.clients)
                context.verify_mode = ssl.CERT_REQUIRED
        except ssl.SSLError as error:
            raise BadInput("tls", f"{self.certificate}, {self.key}", f"a certificate and its key ({error})") from None
        return context


def is_loopback(host: str) -> bool:
    """Whether an address to bind to can be reached from this machine alone; names other than localhost are not asked.

    Example:
        >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "")]
        [True, True, True, False, False, False]
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_binding(host: str, tls: Tls | None, insecure: bool = False, what: str = "http") -> None:
    """Refuse to listen to the network in plain text.

    Args:
        host: address to bind to.
        tls: the certificate, None for none.
        insecure: the configuration says in so many words that plain text is wanted (a proxy that ends TLS, a lab).
        what: section of the configuration, for the message.

    Raises:
        BadInput: saying what to do.
    """
    if tls is None and not insecure and not is_loopback(host):
        raise BadInput(
            f"{what}.host",
            host,
            f"127.0.0.1, or a certificate ([{what}.tls] certificate = ..., key = ...); patients' data would cross the "
            f"network in plain text. If something in front ends TLS, say so: [{what}] insecure = true",
        )
