"""What messages say, in the words of the twins."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from twinward.connect.hl7v2 import Refusal, parse
from twinward.core.message import Message
from twinward.core.record import Record

PID = "PID|1||42^^^HOSP^MR||Doe^Jane"
PV1 = "PV1|1|I|W1^R2^B3||||||||||||||||V7"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def one(raw, **options):
    """The only message in a block."""
    (found,) = parse(raw, **options)
    assert isinstance(found, Message), found
    return found


def refusal(raw, **options):
    (found,) = parse(raw, **options)
    assert isinstance(found, Refusal), found
    return found


def said(message):
    """{(subject, signal): value} of the rows that hold."""
    return {(r.subject, r.signal): r.value for r in message.seen if not r.retracted}


# -- encounters -------------------------------------------------------------------------------------------------


def test_an_admission_says_who_is_where(write):
    message = one(write("EVN|A01|20260301115900+0000||||20260301115800+0000", PID, PV1))
    assert (message.source, message.id, message.format, message.sent) == ("hl7v2/HIS/HOSP", "1", "hl7v2", NOON)
    assert said(message) == {
        ("Encounter/V7", "event"): "A01",
        ("Encounter/V7", "patient"): "Patient/42",
        ("Encounter/V7", "unit"): "W1",
        ("Encounter/V7", "bed"): "B3",
        ("Encounter/V7", "status"): "in-progress",
        ("Encounter/V7", "activity_start"): "A01 W1",
    }
    assert set(message.seen.time) == {NOON - 120}  # EVN-6 goes before EVN-2
    assert set(message.seen.source) == {"hl7v2/HIS/HOSP"}
    assert len(set(message.seen.identities())) == len(message.seen)


@pytest.mark.parametrize(
    ("event", "status"),
    [("A01", "in-progress"), ("A02", "in-progress"), ("A03", "finished"), ("A04", "in-progress"), ("A05", "planned"),
     ("A08", None), ("A11", "cancelled"), ("A12", None), ("A13", None)],
)  # fmt: skip
def test_each_event_leaves_the_encounter_in_its_status(write, event, status):
    message = one(write(f"EVN|{event}|20260301115900||||20260301110000", PID, PV1, type=f"ADT^{event}"))
    assert said(message).get(("Encounter/V7", "status")) == status
    assert said(message)["Encounter/V7", "event"] == event


def test_the_visit_is_pv1_19_or_the_account_or_the_patient(write):
    evn = "EVN|A01|202603011159"
    account = PID + "|" * 13 + "ACC9"
    assert {r.subject for r in one(write(evn, account, PV1)).seen} == {"Encounter/V7"}
    assert {r.subject for r in one(write(evn, account, "PV1|1|I|W1")).seen} == {"Encounter/ACC9"}
    assert {r.subject for r in one(write(evn, PID, "PV1|1|I|W1")).seen} == {"Encounter/42"}


def test_activities_begin_and_end(write):
    begins = one(write("EVN|A08|202603011159||Triage/start||20260301115800", PID, PV1, type="ADT^A08"))
    ends = one(write("EVN|A08|202603011159||IV Liquid/complete||20260301115800", PID, PV1, type="ADT^A08"))
    assert said(begins)["Encounter/V7", "activity_start"] == "Triage"
    assert said(ends)["Encounter/V7", "activity"] == "IV Liquid"
    other = one(write("EVN|A08|202603011159||X-ray/start||20260301115800", PID, PV1, type="ADT^A08"))
    first, second = ([i for i, r in zip(m.seen.identities(), m.seen, strict=True) if r.signal == "activity_start"]
                     for m in (begins, other))  # fmt: skip
    assert first != second  # two activities may begin at one instant


def test_a_plain_feed_begins_a_stay_where_the_patient_is(write):
    place = PV1.split("|")[3].split("^")[0]
    for event in ("A01", "A02", "A04"):
        message = one(write(f"EVN|{event}|202603011159", PID, PV1, type=f"ADT^{event}"))
        assert said(message)["Encounter/V7", "activity_start"] == f"{event} {place}"
    assert ("Encounter/V7", "activity_start") not in said(one(write("EVN|A08|202603011159", PID, PV1, type="ADT^A08")))


def test_a_discharge_without_a_reason_is_an_activity(write):
    assert said(one(write("EVN|A03|202603011159", PID, PV1, type="ADT^A03")))["Encounter/V7", "activity"] == "A03"
    named = one(write("EVN|A03|202603011159||Discharge/complete", PID, PV1, type="ADT^A03"))
    assert said(named)["Encounter/V7", "activity"] == "Discharge"


def test_triage_class_and_vitals_that_come_with_an_event(write):
    message = one(
        write(
            "EVN|A04|202603011159",
            PID,
            PV1,
            "OBX|1|CWE|11283-9^Acuity assessment^LN||3^Urgent||||||F",
            "OBX|2|NM|8867-4^Heart rate^LN||104|/min|||||F|||202603011150",
            type="ADT^A04",
        )
    )
    assert said(message)["Encounter/V7", "class"] == "3"
    assert said(message)["Patient/42", "heart_rate"] == 104
    assert [r.time for r in message.seen if r.signal == "heart_rate"] == [NOON - 600]


@pytest.mark.parametrize(("event", "cancel"), [("A01", "A11"), ("A04", "A11"), ("A02", "A12"), ("A03", "A13")])
def test_a_cancel_takes_back_every_row_of_what_it_cancels(write, event, cancel):
    obx = "OBX|1|CWE|11283-9^Acuity^LN||2||||||F"
    for reason in ("", "Transfer/start", "Transfer/complete"):
        rest = (PID, PV1, obx, "ZRS|1|Nurse A")
        done = one(write(f"EVN|{event}|202603011101||{reason}||20260301110000", *rest, type=f"ADT^{event}"))
        evn = f"EVN|{cancel}|202603011130||{reason}||20260301110000"
        back = one(write(evn, *rest, type=f"ADT^{cancel}", id="2"))
        gone = {i for i, r in zip(back.seen.identities(), back.seen, strict=True) if r.retracted}
        assert set(done.seen.identities()) <= gone
        after = [r for r in back.seen if not r.retracted]
        assert {r.time for r in after} == {NOON - 1800}
        assert {r.signal for r in after} <= {"event", "patient", "status"}  # what was done was not done again


def test_a_cancelled_event_is_gone_from_the_record(write):
    arrives = one(write("EVN|A01|2026||||20260301100000", PID, PV1, id="1"))
    moves = one(write("EVN|A02|2026||||20260301110000", PID, PV1.replace("W1", "ICU"), type="ADT^A02", id="2"))
    back = one(write("EVN|A12|20260301111500||||20260301110000", PID, PV1, type="ADT^A12", id="3"))
    record = Record()
    for received, message in enumerate((arrives, moves, back, moves)):
        record.merge(message.seen.replace(received=np.full(len(message.seen), float(received))))
        units = [(r.time, r.value) for r in record.between(-math.inf) if r.signal == "unit"]
        expected = [(NOON - 7200, "W1"), (NOON - 3600, "ICU")]
        assert units == (expected[:1] if message in (arrives, back) else expected)  # the right one may be sent again


def test_who_does_it_is_named_in_the_sites_own_segment(write):
    message = one(write("EVN|A08|202603011159||Triage/start", PID, PV1, "ZRS|1|Nurse A", type="ADT^A08"))
    assert said(message)["Encounter/V7", "resource"] == "Nurse A"


def test_a_cancel_finds_its_admission_and_discharge_in_pv1_too(write):
    pv1 = PV1 + "|" * 25 + "202603011000|202603011100"
    back = one(write("EVN|A13|202603011130", PID, pv1, type="ADT^A13"))
    discharged = one(write("EVN|A03|202603011100", PID, PV1, type="ADT^A03"))
    assert set(discharged.seen.identities()) <= set(back.seen.identities())


def test_a_cancel_of_nobody_knows_what_is_told(write):
    message = one(write("EVN|A12|202603011130", PID, PV1, type="ADT^A12"))
    assert [q.kind for q in message.refused] == ["cancels what?"]
    assert "EVN-6" in message.refused[0].reason


def test_two_records_become_one_patient(write):
    message = one(write("EVN|A40|202603011130", PID, "MRG|99^^^HOSP^MR~98^^^HOSP^MR", type="ADT^A40"))
    assert message.merges == (("Patient/99", "Patient/42"), ("Patient/98", "Patient/42"))
    several = one(write("EVN|A40|2026", PID, "MRG|99", "PID|2||43", "MRG|44", type="ADT^A40"))
    assert several.merges == (("Patient/99", "Patient/42"), ("Patient/44", "Patient/43"))


@pytest.mark.parametrize("segments", [(PID,), ("MRG|99",), (PID, "MRG|"), (PID, "MRG|42")])
def test_a_merge_needs_two_patients(write, segments):
    assert refusal(write("EVN|A40|2026", *segments, type="ADT^A40")).kind in {"missing MRG", "missing PID"}


def test_person_updates_are_kept_and_say_nothing_to_twins(write):
    for event in ("A28", "A31"):
        message = one(write(PID, type=f"ADT^{event}"))
        assert len(message.seen) == 0 and message.raw


# -- results ----------------------------------------------------------------------------------------------------


def results(write, *obx, obr="OBR|1||F5|panel|||202603011000", sent="20260301120000Z", **options):
    return one(write(PID, obr, *obx, type="ORU^R01", sent=sent), **options)


def test_a_result_has_value_unit_and_time_as_sent(write):
    message = results(write, "OBX|1|NM|2345-7^Glucose^LN||5.4|mmol/L|3.9-6.1|N|||F|||20260301095500")
    (row,) = message.seen
    assert (row.subject, row.signal, row.value, row.unit) == ("Patient/42", "glucose", 5.4, "mmol/L")
    assert row.time == NOON - 7500


def test_time_of_a_result_is_obx_14_or_obr_7_or_msh_7(write):
    obx = "OBX|1|NM|8867-4^HR^LN||70|/min|||||F"
    assert [r.time for r in results(write, obx).seen] == [NOON - 7200]
    assert [r.time for r in results(write, obx, obr="OBR|1||F5|panel").seen] == [NOON]
    assert [q.kind for q in results(write, obx, obr="OBR|1||F5|panel|||soon").refused] == ["unparsable time"]
    assert [q.kind for q in results(write, obx, obr="OBR|1||F5|panel", sent="").refused] == ["missing time"]


def test_unknown_codes_are_kept_under_their_own_name(write):
    message = results(write, "OBX|1|NM|99999-9^New^LN||1.5|mg/dL|||||F", "OBX|2|ST|XYZ^Local thing^99LAB||fine||||||F",
                      "OBX|3|CWE|LOC^Thing^L^8867-4^HR^LN||71|/min|||||F")  # fmt: skip
    assert said(message) == {
        ("Patient/42", "loinc:99999-9"): 1.5,
        ("Patient/42", "99LAB:XYZ"): "fine",
        ("Patient/42", "heart_rate"): 71,  # the second coding is known
    }


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [("NM", "72", 72.0), ("NM", "+7.2e1", 72.0), ("SN", "^72", 72.0), ("SN", "=^72", 72.0), ("ST", " 72 ", 72.0),
     ("SN", "<^72", "<72"), ("SN", "^60^-^80", "60-80")],
)  # fmt: skip
def test_numbers_and_structured_numbers(write, kind, sent, value):
    assert [r.value for r in results(write, f"OBX|1|{kind}|8867-4^HR^LN||{sent}|/min|||||F").seen] == [value]


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [("CWE", "27268008^Salmonella^SCT", "27268008"), ("CE", "^Yellow", "Yellow"), ("ST", "12", "12"),
     ("TX", r"one\.br\two \T\ three", "one\ntwo & three"), ("FT", r"\H\bold\N\ 5 \X3E\ 4", "bold 5 > 4"),
     ("ST", r"\XC3A9\t\Zx\ \XZZ\.", r"ét\Zx\ \XZZ\."),
     ("DT", "20260301", "20260301")],
)  # fmt: skip
def test_words_and_codes(write, kind, sent, value):
    assert [r.value for r in results(write, f"OBX|1|{kind}|X^Y^L||{sent}||||||F").seen] == [value]


def test_repeats_are_several_rows(write):
    message = results(write, "OBX|1|NM|8867-4^HR^LN||60~120|/min|||||F")
    assert [r.value for r in message.seen] == [60, 120]
    assert len(set(message.seen.identities())) == 2


@pytest.mark.parametrize(
    ("obx", "kind"),
    [
        ("OBX|1|NM|8867-4^HR^LN||fast|/min|||||F", "not a number"),
        ("OBX|1|NM|8867-4^HR^LN||7,2|/min|||||F", "not a number"),
        ("OBX|1|NM|8867-4^HR^LN||inf|/min|||||F", "not a number"),
        ("OBX|1|ST|8867-4^HR^LN||see note|/min|||||F", "not a number"),
        ("OBX|1|NM|8867-4^HR^LN||7000|/min|||||F", "impossible value"),
        ("OBX|1|NM|8867-4^HR^LN||70|furlong|||||F", "unknown unit"),
        ("OBX|1|NM|2345-7^Glucose^LN||5|G/L|||||F", "unknown unit"),
        ("OBX|1|NM|2345-7^Glucose^LN||5||||||F", "missing unit"),
        ("OBX|1|NM|8867-4^HR^LN||70|mg/dL|||||F", "wrong unit"),
        ("OBX|1|NM|||70|/min|||||F", "missing code"),
        ("OBX|1|NM|8867-4^HR^LN|||/min|||||F", "missing value"),
        ("OBX|1|NM|8867-4^HR^LN||70|/min|||||F|||20261301", "unparsable time"),
        ("OBX", "missing code"),
    ],
)
def test_what_is_wrong_with_a_result_is_told_and_the_others_are_kept(write, obx, kind):
    message = results(write, obx, "OBX|2|NM|9279-1^RR^LN||16|/min|||||F")
    assert [(q.kind, q.raw, q.source, q.line) for q in message.refused] == [(kind, obx, "hl7v2/HIS/HOSP", 4)]
    assert "expected" in message.refused[0].reason or "check" in message.refused[0].reason or kind == "wrong unit"
    assert said(message) == {("Patient/42", "respiratory_rate"): 16}


def test_a_message_full_of_faults_is_told_in_bounds(write):
    message = results(write, *["OBX|1|NM|8867-4^HR^LN||fast|/min|||||F"] * 5000)
    assert len(message.refused) == 1001 and message.refused[-1].kind == "many faults"
    assert "4000 more" in message.refused[-1].reason


def test_pending_results_and_documents_are_no_observations(write):
    message = results(write, "OBX|1|NM|8867-4^HR^LN||||||||I",
                      "OBX|2|ED|PDF^Report^L||^application^pdf^Base64^JVBERi0||||||F",
                      "OBX|3|NM|718-7^Hb^LN||||||||X")  # fmt: skip
    assert len(message.seen) == 0 and message.refused == ()


def test_a_correction_has_the_identity_of_what_it_corrects(write):
    first = results(write, "OBX|1|NM|718-7^Hb^LN||13.4|g/dL|||||P")
    final = results(write, "OBX|4|NM|718-7^Hb^LN||13.9|g/dL|||||C")
    gone = results(write, "OBX|1|NM|718-7^Hb^LN||13.9|g/dL|||||D")
    null = results(write, 'OBX|1|NM|718-7^Hb^LN||""|g/dL|||||C')
    assert first.seen.identities() == final.seen.identities() == gone.seen.identities() == null.seen.identities()
    assert [bool(m.seen.retracted[0]) for m in (first, final, gone, null)] == [False, False, True, True]


def test_without_an_order_equal_content_is_the_same_observation(write):
    obx = "OBX|1|NM|8867-4^HR^LN||70|/min|||||F|||20260301100000"
    again = [one(write(PID, obx, type="ORU^R01", id=str(n))).seen.identities() for n in (1, 2)]
    assert again[0] == again[1]


def test_what_claims_to_be_seen_in_the_future_is_refused(write):
    obx = "OBX|1|NM|8867-4^HR^LN||70|/min|||||F|||20260301130000"
    message = results(write, obx, latest=NOON + 600)
    assert [q.kind for q in message.refused] == ["time in the future"] and len(message.seen) == 0
    event = one(write("EVN|A01|202603011300", PID, PV1), latest=NOON + 600)
    assert [q.kind for q in event.refused] == ["time in the future"] and len(event.seen) == 0


# -- orders and appointments --------------------------------------------------------------------------------------


def test_orders(write):
    for kind in ("ORM^O01", "OML^O21"):
        message = one(write(PID, PV1, "ORC|NW|P1|||||||202603011100", "OBR|1|P1||24323-8^CMP^LN", type=kind))
        assert said(message) == {("Encounter/V7", "order"): "24323-8", ("Encounter/V7", "order_status"): "NW"}
        assert set(message.seen.time) == {NOON - 3600}
    cancelled = one(write(PID, PV1, "ORC|CA|P1", "OBR|1|P1||24323-8^CMP^LN", type="ORM^O01"))
    assert said(cancelled) == {("Encounter/V7", "order_status"): "CA"}


def test_appointments(write):
    sch = "SCH|P9|F9||||||^Checkup|||^^^20260302090000+0000"
    made = said(one(write(sch, PID, "AIL|1||CLINIC^1", "AIP|1||D4^Smith", type="SIU^S12")))
    assert made == {
        ("Appointment/F9", "status"): "planned",
        ("Appointment/F9", "patient"): "Patient/42",
        ("Appointment/F9", "planned_start"): "2026-03-02T09:00:00+00:00",
        ("Appointment/F9", "service"): "Checkup",
        ("Appointment/F9", "unit"): "CLINIC",
        ("Appointment/F9", "resource"): "D4",
    }
    for event, status in [("S13", "planned"), ("S15", "cancelled"), ("S26", "noshow")]:
        assert said(one(write(sch, PID, type=f"SIU^{event}")))["Appointment/F9", "status"] == status
    assert refusal(write("SCH||", PID, type="SIU^S12")).kind == "missing appointment"


@pytest.mark.parametrize("kind", ["RDE^O11", "MDM^T02", "VXU^V04", "BAR^P01", "DFT^P03"])
def test_other_types_are_kept_as_they_are(write, kind):
    raw = write(PID, type=kind)
    message = one(raw)
    assert message.raw == raw.strip() and len(message.seen) == 0 and message.refused == ()


# -- how messages are written -------------------------------------------------------------------------------------


def test_line_ends_and_marks_change_nothing(write):
    raw = write("EVN|A01|20260301115900", PID, PV1)
    expected = one(raw)
    for variant in (raw.replace(b"\r", b"\n"), raw.replace(b"\r", b"\r\n"), b"\xef\xbb\xbf" + raw, raw + b"\r\r\n",
                    b"\x0b" + raw + b"\x1c\r",
                    b"\r\n" + raw.rstrip(), b"\xef\xbb\xbf" + raw.replace(b"\r", b"\n"),):  # fmt: skip
        assert list(map(repr, one(variant).seen)) == list(map(repr, expected.seen))
    assert one(b"\xef\xbb\xbf" + raw + b"\r").content == expected.content


def test_separators_are_those_that_the_sender_declares():
    raw = b"MSH#*!@%#LAB##T##20260301120000##ORU*R01#1#P#2.5\rPID###4@T@2*x!43\r"
    raw += b"OBX#1#ST#A@S@B*x*L##a@F@b@E@######F\r"
    message = one(raw)
    assert [(r.subject, r.signal, r.value) for r in message.seen] == [("Patient/4%2", "L:A*B", "a#b@")]


def test_sub_components_of_an_identifier(write):
    assert (
        said(one(write("EVN|A01|2026", "PID|1||42&x^^^HOSP", "PV1|1|I|W1&9&ISO^R^B")))["Encounter/42", "unit"] == "W1"
    )


def test_the_medical_record_number_is_the_patient(write):
    pid = "PID|1|old|7^^^H^PI~42^^^H^MR"
    assert {r.subject for r in one(write(pid, "OBX|1|ST|A^B^L||x", type="ORU^R01")).seen} == {"Patient/42"}
    assert {r.subject for r in one(write("PID|1|old|", "OBX|1|ST|A^B^L||x", type="ORU^R01")).seen} == {"Patient/old"}


def test_several_messages_in_one_block_and_in_a_batch(write):
    first, second = write("EVN|A01|2026", PID, id="1"), write("EVN|A03|2026", PID, type="ADT^A03", id="2")
    batch = b"FHS|^~\\&|HIS\rBHS|^~\\&|HIS\r" + first + second + b"BTS|2\rFTS|1\r"
    for block in (first + second, first + b"\n\n" + second, batch, b"\xef\xbb\xbf" + batch.replace(b"\r", b"\n")):
        assert [m.id for m in parse(block)] == ["1", "2"]
    middle = parse(first + b"MSH|^~\\&|HIS||||||ADT^Z99|x|P|2.5\r" + second)
    assert [type(m).__name__ for m in middle] == ["Message", "Refusal", "Message"]


def test_a_block_of_too_many_messages_is_refused_whole(write):
    block = write("EVN|A01|2026", PID) * 11
    assert len(parse(block, most=11)) == 11
    found = refusal(block, most=10)
    assert (found.kind, found.code, found.raw) == ("too many messages", "AR", block)


def test_a_line_break_within_a_text_is_text(write):
    raw = write(PID, "OBX|1|TX|A^B^L||first\nsecond||||||F", "OBX|2|TX|C^D^L||x||||||F", type="ORU^R01")
    assert [r.value for r in one(raw).seen] == ["first\nsecond", "x"]


def test_lines_that_are_no_segments_are_told(write):
    message = one(write(PID, "this is no segment", "OBX|1|TX|C^D^L||x||||||F", type="ORU^R01"))
    assert [(q.kind, q.raw) for q in message.refused] == [("not a segment", "this is no segment")]
    assert len(message.seen) == 1


# -- times --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "iso"),
    [("2026", "2026-01-01T00:00+01:00"), ("202607", "2026-07-01T00:00+02:00"), ("20260301", "2026-03-01T00:00+01:00"),
     ("2026030112", "2026-03-01T12:00+01:00"), ("202603011205", "2026-03-01T12:05+01:00"),
     ("20260301120530.25", "2026-03-01T12:05:30.25+01:00"),
      ("20260301120530.1234-0500", "2026-03-01T12:05:30.1234-05:00"),
     ("20260301+0000", "2026-03-01T00:00+00:00"), ("20260301120560", "2026-03-01T12:06+01:00")],
)  # fmt: skip
def test_times_of_any_precision(write, text, iso):
    message = one(write(f"EVN|A01|{text}", PID, sent=""), zone=ZoneInfo("Europe/Berlin"))
    assert message.seen.time == pytest.approx(datetime.fromisoformat(iso).timestamp(), abs=1e-6)


def test_the_offset_of_the_header_holds_for_the_whole_message(write):
    message = one(write("EVN|A01|20260301070000", PID, sent="20260301070000-0500"), zone=ZoneInfo("Asia/Tokyo"))
    assert set(message.seen.time) == {NOON} and message.sent == NOON


@pytest.mark.parametrize("text", ["20261301", "20260230", "yesterday", "2026030125", "20260301120000+9900", "202603011",
                                  "20260301120000+0075", "9" * 30, "0001", "٢٠٢٦"])  # fmt: skip
def test_what_is_no_time_is_refused(write, text):
    zone = ZoneInfo("Asia/Tokyo")
    found = parse(write(f"EVN|A01|{text}", PID), zone=zone)[0]
    if text == "0001":  # early, but a time
        assert isinstance(found, Message)
        return
    assert (found.kind, found.code, found.error, found.location) == ("unparsable time", "AE", 102, "EVN^1^2")
    assert refusal(write(PID, sent=text), zone=zone).kind == "unparsable time"


def test_an_event_without_any_time_is_refused(write):
    assert refusal(write("EVN|A01", PID, sent="")).kind == "missing time"
    assert math.isnan(one(write(PID, type="ADT^A31", sent="")).sent)


# -- what is no message -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        (b"hello", "missing MSH", "AR"),
        (b"PID|1||42\rPV1|1", "missing MSH", "AR"),
        (b"MSH|", "bad separators", "AE"),
        (b"MSH|^^^^|A|B|||2026||ADT^A01|1|P|2.5", "bad separators", "AE"),
        (b"MSH|AB\\&|A|B|||2026||ADT^A01|1|P|2.5", "bad separators", "AE"),
        ("MSH|^~\\&|A".encode("utf-16"), "missing MSH", "AR"),
    ],
)
def test_what_is_no_message_is_refused_whole(raw, kind, code):
    found = refusal(raw)
    assert (found.kind, found.code, found.raw) == (kind, code, raw)
    assert found.quarantined.reason == found.reason and found.quarantined.kind == kind


@pytest.mark.parametrize(
    ("options", "kind", "code", "error"),
    [
        ({"version": "3.0"}, "unknown version", "AR", 203), ({"version": ""}, "unknown version", "AR", 203),
        ({"type": "ZZZ^Z01"}, "unknown type", "AR", 200), ({"type": ""}, "unknown type", "AR", 200),
        ({"type": "ADT^A99"}, "unknown event", "AR", 201), ({"type": "ADT"}, "unknown event", "AR", 201),
        ({"type": "SIU^S99"}, "unknown event", "AR", 201),
    ],
)  # fmt: skip
def test_versions_and_types_that_are_not_taken(write, options, kind, code, error):
    found = refusal(write("EVN|A01|2026", PID, id="77", **options))
    assert (found.kind, found.code, found.error, found.id, found.source) == (kind, code, error, "77", "hl7v2/HIS/HOSP")


@pytest.mark.parametrize("type", ["ADT^A01", "ADT^A31", "ORU^R01", "ORM^O01", "OML^O21"])
def test_nobody_is_nobody(write, type):
    assert refusal(write("EVN|A01|2026", "PV1|1", type=type)).location == "PID"
    assert refusal(write("EVN|A01|2026", "PID|1||^^^H", "PV1|1", type=type)).location == "PID^1^3"


# -- character sets -----------------------------------------------------------------------------------------------


def worded(charset, text, codec):
    head = f"MSH|^~\\&|HIS||||20260301120000||ORU^R01|1|P|2.5||||||{charset}\rPID|1||42\rOBX|1|ST|A^B^L||"
    return head.encode("ascii") + text.encode(codec) + b"||||||F\r"


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("", "utf-8"), ("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("8859/15", "iso8859-15"),
     ("ASCII~8859/1", "latin-1"), ("WINDOWS-1252", "cp1252")],
)  # fmt: skip
def test_text_is_read_as_declared(charset, codec):
    assert [r.value for r in one(worded(charset, "Fièvre", codec)).seen] == ["Fièvre"]
    assert [r.value for r in one(worded("8859/1", r"\XE9\t\XE9\ ".strip(), "ascii")).seen] == ["été"]


def test_japanese_is_switched_to_by_escape_sequences():
    assert [r.value for r in one(worded("~ISO IR87", "発熱", "iso2022_jp")).seen] == ["発熱"]


@pytest.mark.parametrize(
    ("charset", "codec", "kind"),
    [("", "latin-1", "wrong charset"), ("ASCII", "utf-8", "wrong charset"),
      ("UNICODE UTF-8", "latin-1", "wrong charset"),
     ("8859/1", "utf-8", "wrong charset"), ("KLINGON", "utf-8", "unknown charset")],
)  # fmt: skip
def test_a_wrong_charset_is_refused_and_the_bytes_are_kept(charset, codec, kind):
    raw = worded(charset, "Fièvre", codec)
    found = refusal(raw)
    assert (found.kind, found.location, found.id) == (kind, "MSH^1^18", "1")
    assert found.raw == raw.strip() and "MSH-18" in found.reason
    assert [r.value for r in one(worded("", "Fièvre", "latin-1"), charset="latin-1").seen] == ["Fièvre"]
