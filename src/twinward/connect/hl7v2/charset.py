"""The character set that a sender declares in MSH-18 (HL7 table 0211), and text from bytes by it, strictly."""

from twinward.connect.hl7v2.refusal import Unusable

_CODECS = {
    "": "", "ASCII": "ascii", "US-ASCII": "ascii", "ISO IR6": "ascii",
    "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UTF8": "utf-8", "UNICODE": "utf-8",
    **{f"8859/{n}": f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15)},
    **{f"ISO-8859-{n}": f"iso8859-{n}" for n in (1, 2, 5, 7, 9, 15)},
    **{f"ISO8859-{n}": f"iso8859-{n}" for n in (1, 2, 5, 7, 9, 15)},
    "ISO IR100": "iso8859-1", "ISO IR101": "iso8859-2", "ISO IR144": "iso8859-5", "ISO IR148": "iso8859-9",
    "CP1252": "cp1252", "WINDOWS-1252": "cp1252",
    "ISO IR87": "iso2022_jp", "ISO IR159": "iso2022_jp_1", "GB 18030-2000": "gb18030", "BIG-5": "big5",
    "KS X 1001": "euc_kr",
}  # fmt: skip


def codec_of(declared: str, default: str = "utf-8") -> str:
    """Python's codec for MSH-18.

    Args:
        declared: MSH-18 as sent; of several repeats the last that is not ASCII counts (the first is then the default
            set, the others are switched to by escape sequences).
        default: where nothing is declared. HL7 means ASCII then; UTF-8 reads the same and what is sent in practice.

    Raises:
        Unusable: the character set is not known here.

    Example:
        >>> codec_of("8859/1"), codec_of(""), codec_of("~ISO IR87")
        ('iso8859-1', 'utf-8', 'iso2022_jp')
    """
    names = [name.strip().upper() for name in declared.split("~")]
    named = [name for name in names if _CODECS.get(name, "?") not in {"", "ascii"}] or names[:1]
    codec = _CODECS.get(named[-1])
    if codec is None:
        raise Unusable(
            "unknown charset",
            f"MSH-18 declares the character set {named[-1][:40]!r}: send 'UNICODE UTF-8' or '8859/1'",
            103,
            "MSH^1^18",
        )
    return codec or default


def text_of(raw: bytes, declared: str, default: str = "utf-8") -> tuple[str, str]:
    """A message's text, and the codec it was read with.

    Raises:
        Unusable: the bytes are not of the character set declared.
    """
    if raw.isascii() and b"\x1b" not in raw:  # every set above agrees on these
        return raw.decode("ascii"), _CODECS.get(declared.strip().upper()) or default
    codec = codec_of(declared, default)
    says = f"MSH-18 declares {declared!r}" if declared else f"MSH-18 is empty, so {codec} is expected"
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as fault:
        found = raw[fault.start : fault.start + 1].hex()
        reason = f"{says}, but byte {fault.start} (0x{found}) is not of it: declare in MSH-18 what is sent"
        raise Unusable("wrong charset", reason, 102, "MSH^1^18") from None
    if codec.startswith("iso8859") and _is_utf8(raw):
        reason = f"{says}, but the bytes are UTF-8: declare 'UNICODE UTF-8', or send what is declared"
        raise Unusable("wrong charset", reason, 102, "MSH^1^18")
    return text, codec


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
