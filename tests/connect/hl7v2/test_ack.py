"""Answers are read by other people's parsers."""

import hl7
import pytest

from twinward.connect.hl7v2 import acknowledge

RAW = b"MSH|^~\\&|LAB|HOSP|TW|WARD|20260301||ORU^R01^ORU_R01|c-7|P|2.5.1\rPID|1"


def test_a_strangers_parser_reads_it():
    answer = hl7.parse(acknowledge(RAW, "AA", now=0.0).decode())
    msh, msa = answer.segment("MSH"), answer.segment("MSA")
    assert (str(msa[1]), str(msa[2])) == ("AA", "c-7")
    assert [str(msh[i]) for i in (3, 4, 5, 6)] == ["TW", "WARD", "LAB", "HOSP"]  # back to who sent it
    assert str(msh[7]) == "19700101000000+0000" and str(msh[9]) == "ACK^R01^ACK" and str(msh[12]) == "2.5.1"
    assert len(answer) == 2


def test_a_fault_is_told_in_err_with_place_and_reason():
    answer = acknowledge(RAW, "AE", "PID-3 is empty | sorry", now=0.0, error=101, location="PID^1^3")
    err = hl7.parse(answer.decode()).segment("ERR")
    assert [str(err[i]) for i in (2, 3, 4, 8)] == [
        "PID^1^3", "101^Required field missing^HL70357", "E", r"PID-3 is empty \F\ sorry"
    ]  # fmt: skip
    assert b"MSA|AE|c-7|PID-3 is empty" in answer


def test_older_versions_have_the_older_err():
    answer = acknowledge(RAW.replace(b"2.5.1", b"2.3"), "AE", "no", now=0.0, error=101, location="PID^1^3")
    assert answer.split(b"\r")[2] == b"ERR|PID^1^3^101&Required field missing&HL70357"


def test_it_is_written_with_the_senders_separators():
    raw = b"MSH#*!@%#LAB##TW##2026##ADT*A01#9#P#2.5"
    answer = acknowledge(raw, "AE", "a#b", now=0.0, error=207)
    assert answer.startswith(b"MSH#*!@%#TW##LAB##") and b"#ACK*A01*ACK#" in answer
    assert b"MSA#AE#9#a@F@b\r" in answer


def test_the_control_id_comes_back_byte_for_byte():
    raw = "MSH|^~\\&|LAB||T||2026||ADT^A01|é\\T\\9|P|2.5".encode()
    assert "|é\\T\\9".encode() in acknowledge(raw, "AA", now=0.0).split(b"\r")[1]


@pytest.mark.parametrize("raw", [b"", b"hello", b"MSH", b"MSH|||||", b"\xff\xfe"])
def test_what_has_no_header_is_answered_all_the_same(raw):
    answer = hl7.parse(acknowledge(raw, "AR", "what is this?", now=0.0).decode())
    assert str(answer.segment("MSA")[1]) == "AR" and "what is this?" in str(answer.segment("MSA")[3])


def test_reasons_are_bounded_and_ascii():
    answer = acknowledge(RAW, "AE", "é\r\n" * 10_000, now=0.0)
    assert len(answer) < 4000 and answer.isascii() and answer.count(b"\r") == 2
